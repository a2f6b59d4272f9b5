// the annotations by which external-dns learns the addresses of hosts
import type { MeshEdgeProps } from './mesh-edge-props';
import type { Problem } from '../validation/problem';
import type { VirtualAddress } from '../vip/virtual-address';
import type { Annotations } from '../workload/names';
import { checkReservedAnnotations } from '../workload/workload-options';

/**
 * Its second name is that of external-dns 0.21 and older.
 *
 * @see https://github.com/kubernetes-sigs/external-dns/pull/6424
 */
const TARGETS = ['external-dns.kubernetes.io/target', 'external-dns.alpha.kubernetes.io/target'];

/**
 * Annotations of each `Gateway`. Its sources for an Istio `Gateway`, a `VirtualService` and the routes of Gateway API all read the target
 * there, and the host names in the specs.
 */
export function gatewayAnnotations({ externalDns }: MeshEdgeProps, addresses: VirtualAddress[]): Annotations {
  const target = addresses.flatMap(virtual => virtual.addresses).join(',');
  return externalDns ? Object.fromEntries(TARGETS.map(key => [key, target])) : {};
}

/** A target of the user would be lost. */
export function checkExternalDns(props: MeshEdgeProps): Problem[] {
  return checkReservedAnnotations(props.annotations, gatewayAnnotations(props, []));
}
