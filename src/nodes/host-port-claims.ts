// claims of ports on nodes: two listeners on one port share it silently (SO_REUSEPORT), or one of them does not start
import type { IConstruct } from 'constructs';
import { nodeAddressClaims } from './address-claims';
import type { EdgeNodes } from './edge-nodes';
import type { HostPort } from './host-port';
import { Registry } from './registry';
import type { Claim } from './registry';
import type { Problem } from '../validation/problem';

interface PortClaim extends Claim {
  readonly nodes: EdgeNodes;
  readonly port: HostPort;
  /** What the port is for; undefined if the user chose it. */
  readonly use?: string;
}

/** Claims the ports of a construct on all of its nodes. `uses` explains ports that a user did not choose, by number. */
export function claimHostPorts(
  claimant: IConstruct, nodes: EdgeNodes, ports: HostPort[], uses: { readonly [port: number]: string } = {},
): void {
  const registry = Registry.of(claimant);
  nodeAddressClaims(claimant, nodes).forEach(claim => registry.claim(claim));
  for (const port of ports) {
    const claim: PortClaim = {
      claimant, nodes, port,
      use: uses[port.port],
      key: `tcp/${port.port}`,
      clashWith: earlier => clash(claim, earlier as PortClaim),
    };
    registry.claim(claim);
  }
}

function clash(claim: PortClaim, earlier: PortClaim): Problem | undefined {
  const [one, other] = [claim.port.address, earlier.port.address];
  const shareAddress = one === undefined || other === undefined || one === other;
  if (!shareAddress || !claim.nodes._overlaps(earlier.nodes)) {
    return undefined;
  }
  return {
    code: 'host-port-clash',
    what: `tcp ${claim.port.toString()}${claim.use === undefined ? '' : ` (${claim.use})`} on nodes ${claim.nodes._describe()} `
      + `is also used by ${earlier.claimant.node.path} on nodes ${earlier.nodes._describe()}`,
    fix: 'change the port or the nodes of one of them; '
      + 'if their nodes never overlap, call EdgeNodes.assumeDisjointFrom()',
  };
}
