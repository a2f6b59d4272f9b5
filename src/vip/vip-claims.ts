// claims of VRIDs and addresses, each of which may exist only once
import type { IConstruct } from 'constructs';
import { fixOfVrid } from './free-vrid';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import type { VrrpInstance } from '../engines/keepalived/model';
import { nodeAddressClaims, virtualAddressClaims } from '../nodes/address-claims';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { Registry } from '../nodes/registry';
import type { Claim } from '../nodes/registry';

interface RouterIdClaim extends Claim {
  readonly nodes: EdgeNodes;
  readonly address: string;
}

/** Claims of every VRID and every address of a virtual IP. */
export function vipClaims(claimant: IConstruct, { nodes, virtualAddresses }: KeepalivedVipProps, instances: VrrpInstance[]): Claim[] {
  return [
    ...routerIdClaims(claimant, nodes, instances),
    ...nodeAddressClaims(claimant, nodes),
    ...virtualAddressClaims(claimant, nodes, virtualAddresses.flatMap(virtualAddress => virtualAddress.addresses)),
  ];
}

function routerIdClaims(claimant: IConstruct, nodes: EdgeNodes, instances: VrrpInstance[]): Claim[] {
  const own = new Set(instances.map(routerIdKey));
  const isTaken = (key: string) => own.has(key) || Registry.of(claimant).isClaimed(key);
  return instances.map(instance => {
    const { family, virtualRouterId } = instance;
    const claim: RouterIdClaim = {
      claimant,
      nodes,
      address: instance.addresses[0],
      key: routerIdKey(instance),
      clashWith: earlier => hearEachOther(nodes, (earlier as RouterIdClaim).nodes) ? {
        code: 'vrid-clash',
        what: `${describeHolder(earlier as RouterIdClaim, claimant)} and ${claim.address} have the same VRID`,
        got: virtualRouterId,
        fix: fixOfVrid(virtualRouterId, vrid => isTaken(routerIdKey({ family, virtualRouterId: vrid }))),
      } : undefined,
    };
    return claim;
  });
}

function describeHolder({ address, claimant }: RouterIdClaim, other: IConstruct): string {
  return claimant === other ? address : `${address} of ${claimant.node.path}`;
}

/** Unicast adverts reach the listed nodes only. Multicast adverts reach every machine on the segment. */
function hearEachOther(one: EdgeNodes, other: EdgeNodes): boolean {
  const unicast = one.nodes.length > 0 && other.nodes.length > 0;
  return one._overlaps(other) || !unicast;
}

function routerIdKey({ family, virtualRouterId }: Pick<VrrpInstance, 'family' | 'virtualRouterId'>): string {
  return `vrid/${family}/${virtualRouterId}`;
}
