// claims of ports on nodes: two listeners on one port share it silently (SO_REUSEPORT), or one of them does not start
import type { IConstruct } from 'constructs';
import { claimNodeAddresses } from './address-claims';
import type { EdgeNodes } from './edge-nodes';
import type { HostPort } from './host-port';
import { Registry } from './registry';
import type { Claim } from './registry';
import type { Problem } from '../validation/problem';

/**
 * Ports that Istio's proxy uses on the host network.
 *
 * @see https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
 */
export const ISTIO_PROXY_PORTS: { readonly [port: number]: string } = {
  15000: 'Envoy admin',
  15001: 'Envoy outbound',
  15004: 'debug',
  15006: 'Envoy inbound',
  15008: 'HBONE mTLS tunnel',
  15020: 'merged Prometheus telemetry',
  15021: 'health checks',
  15053: 'DNS',
  15090: 'Envoy Prometheus telemetry',
};

interface PortClaim extends Claim {
  readonly nodes: EdgeNodes;
  readonly port: HostPort;
}

/** Claims the ports of a construct on all of its nodes. */
export function claimHostPorts(claimant: IConstruct, nodes: EdgeNodes, ports: HostPort[]): void {
  claimNodeAddresses(claimant, nodes);
  for (const port of ports) {
    const claim: PortClaim = {
      claimant, nodes, port,
      key: `tcp/${port.port}`,
      against: earlier => clash(claim, earlier as PortClaim),
    };
    Registry.of(claimant).claim(claim);
  }
}

function clash(claim: PortClaim, earlier: PortClaim): Problem | undefined {
  const shareAddress = [claim.port.address, earlier.port.address].includes(undefined) || claim.port.address === earlier.port.address;
  if (!shareAddress || !claim.nodes._overlaps(earlier.nodes)) {
    return undefined;
  }
  const owner = ISTIO_PROXY_PORTS[claim.port.port];
  return {
    code: 'host-port-clash',
    what: `tcp ${claim.port.toString()}${owner ? ` (Istio proxy: ${owner})` : ''} on nodes ${claim.nodes._describe()} `
      + `is also used by ${earlier.claimant.node.path} on nodes ${earlier.nodes._describe()}`,
    fix: 'change the port or the nodes of one of them; if their nodes never overlap, call EdgeNodes.assumeDisjointFrom()',
  };
}
