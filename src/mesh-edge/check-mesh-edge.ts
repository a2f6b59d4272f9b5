// checks of an edge's props against each other
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { EdgeGateway } from './edge-gateway';
import { checkExternalDns } from './external-dns';
import type { MeshEdgeProps } from './mesh-edge-props';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { IHostListener } from '../nodes/host-listener';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';
import type { VirtualAddress } from '../vip/virtual-address';
import { checkWorkloadOptions } from '../workload/workload-options';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/** Other workloads use these namespaces too, so the edge must not lower their Pod Security level. */
const SHARED_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'istio-system'];

/** Whether a gateway listens on ports of its nodes. An existing gateway can do so too. */
export function isHostGateway(gateway: IIngressGateway | (IIngressGateway & IHostListener)): gateway is IIngressGateway & IHostListener {
  return typeof (gateway as Partial<IHostListener>).toHostListenerConfig === 'function';
}

/** What the edge passes on to each part. A part can have its own. */
export function sharedOptions({ labels, annotations, imageRegistry, imagePullSecretName }: MeshEdgeProps): EdgeWorkloadOptions {
  return { labels, annotations, imageRegistry, imagePullSecretName };
}

/** All problems with the composition; each part checks its own props. */
export function checkMeshEdge(scope: Construct, props: MeshEdgeProps): Problem[] {
  const { frontProxy, gateway, virtualAddresses } = props;
  return [
    ...checkThat(frontProxy === undefined || frontProxy._make !== undefined || answersClients(gateway), {
      code: 'gateway-without-front-proxy',
      what: 'without a front proxy, clients cannot reach this gateway',
      fix: 'choose a front proxy, EdgeGateway.edgeNodes(), or an existing host gateway that does not listen on loopback only',
    }),
    ...(frontProxy === undefined || frontProxy._make
      ? checkProxyProtocol(gateway?._choice.existing, props.preserveClientAddress)
      : checkThat(props.preserveClientAddress !== false, {
        code: 'option-unused', what: 'preserveClientAddress: false has no effect without a front proxy: services see the client\'s address', fix: 'omit it',
      })),
    ...checkWithVip('networkInterface', props.networkInterface, virtualAddresses),
    ...checkWithVip('vip', props.vip, virtualAddresses),
    ...checkWithVip('externalDns', props.externalDns || undefined, virtualAddresses),
    ...checkExternalDns(props),
    ...checkWorkloadOptions(sharedOptions(props)),
    ...checkThat(!props.createNamespace || !SHARED_NAMESPACES.includes(Chart.of(scope).namespace ?? ''), {
      code: 'namespace-shared',
      what: 'createNamespace would change the labels of a namespace that others use too',
      got: Chart.of(scope).namespace,
      fix: 'give the chart a namespace of its own',
    }),
    ...checkThat(!props.createNamespace || Chart.of(scope).namespace !== undefined, {
      code: 'namespace-missing',
      what: 'createNamespace needs a chart with a namespace',
      fix: 'give the chart a namespace: new Chart(app, id, { namespace })',
    }),
  ];
}

function answersClients(gateway: EdgeGateway | undefined): boolean {
  const { edgeNodes, existing } = gateway?._choice ?? {};
  const isReached = (given: IIngressGateway) => isHostGateway(given) && given.toIngressGatewayConfig().bindAddress === undefined;
  return edgeNodes !== undefined || (existing !== undefined && isReached(existing));
}

/** The edge does not change an existing gateway, and its front proxy does what that gateway expects. */
export function checkProxyProtocol(existing: IIngressGateway | undefined, preserveClientAddress: boolean | undefined): Problem[] {
  if (existing === undefined || preserveClientAddress === undefined) {
    return [];
  }
  const { receivesProxyProtocol } = existing.toIngressGatewayConfig();
  return checkThat(preserveClientAddress === receivesProxyProtocol, {
    code: 'proxy-protocol-mismatch',
    what: `preserveClientAddress does not fit gateway ${existing.node.path}, which ${receivesProxyProtocol ? 'requires' : 'does not accept'} PROXY protocol`,
    got: preserveClientAddress,
    fix: 'omit preserveClientAddress, or give it and receivesProxyProtocol of the gateway the same value',
  });
}

function checkWithVip(what: string, value: unknown, virtualAddresses: VirtualAddress[] | undefined): Problem[] {
  return checkThat(value === undefined || virtualAddresses !== undefined, {
    code: 'option-unused', what: `${what} has no effect without virtualAddresses`, fix: 'give virtualAddresses, or omit it',
  });
}
