// claims of VRIDs and addresses, each of which may exist only once
import type { IConstruct } from 'constructs';
import { fixOfVrid } from './free-vrid';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import type { KeepalivedModel } from '../engines/keepalived/model';
import { claimNodeAddresses, claimVirtualAddresses } from '../nodes/address-claims';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { Registry } from '../nodes/registry';
import type { Claim } from '../nodes/registry';

interface RouterIdClaim extends Claim {
  readonly nodes: EdgeNodes;
}

/** Claims every VRID and every address of a virtual IP. */
export function claimAddresses(claimant: IConstruct, { nodes, virtualAddresses }: KeepalivedVipProps, model: KeepalivedModel): void {
  const registry = Registry.of(claimant);
  for (const { family, virtualRouterId } of model.instances) {
    const claim: RouterIdClaim = {
      claimant,
      nodes,
      key: routerIdKey(family, virtualRouterId),
      clashWith: earlier => earlier.claimant !== claimant && hearEachOther(nodes, (earlier as RouterIdClaim).nodes) ? {
        code: 'vrid-clash',
        what: `VRID ${virtualRouterId} is also used by ${earlier.claimant.node.path}`,
        fix: fixOfVrid(virtualRouterId, vrid => registry.isClaimed(routerIdKey(family, vrid))),
      } : undefined,
    };
    registry.claim(claim);
  }
  claimNodeAddresses(claimant, nodes);
  claimVirtualAddresses(claimant, nodes, virtualAddresses.flatMap(virtualAddress => virtualAddress.addresses));
}

/** Unicast adverts reach the listed nodes only. Multicast adverts reach every machine on the segment. */
function hearEachOther(one: EdgeNodes, other: EdgeNodes): boolean {
  const unicast = one.nodes.length > 0 && other.nodes.length > 0;
  return one._overlaps(other) || !unicast;
}

function routerIdKey(family: string, id: number): string {
  return `vrid/${family}/${id}`;
}
