// router ids and virtual addresses that may exist only once
import type { IConstruct } from 'constructs';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import type { KeepalivedModel } from '../config/keepalived/model';
import type { EdgeNodes } from '../edge-host/edge-nodes';
import { Registry } from '../edge-host/registry';
import type { Claim } from '../edge-host/registry';

interface RouterIdClaim extends Claim {
  readonly nodes: EdgeNodes;
}

/** Claims every router id and every address of a virtual IP. */
export function claimAddresses(claimant: IConstruct, { nodes, virtualAddresses }: KeepalivedVipProps, model: KeepalivedModel): void {
  const registry = Registry.of(claimant);
  for (const { family, virtualRouterId } of model.instances) {
    const claim: RouterIdClaim = {
      claimant, nodes,
      key: routerIdKey(family, virtualRouterId),
      against: earlier => hearEachOther(nodes, (earlier as RouterIdClaim).nodes) ? {
        code: 'vrid-clash',
        what: `VRID ${virtualRouterId} is also used by ${earlier.claimant.node.path}`,
        fix: `give one of the two another: VirtualAddress.of(address, { vrid: ${freeRouterId(registry, family)} }) is free`,
      } : undefined,
    };
    registry.claim(claim);
  }
  for (const address of virtualAddresses.flatMap(virtualAddress => virtualAddress.addresses)) {
    registry.claim({
      claimant,
      key: `vip/${address}`,
      against: earlier => ({
        code: 'address-twice',
        what: `virtual address ${address} is also held by ${earlier.claimant.node.path}`,
        fix: 'give each virtual IP addresses of its own',
      }),
    });
  }
}

/** Unicast adverts reach the listed nodes only; multicast reaches whoever is on the segment, which synthesis cannot know. */
function hearEachOther(one: EdgeNodes, other: EdgeNodes): boolean {
  const unicast = one.nodes.length > 0 && other.nodes.length > 0;
  return one._overlaps(other) || !unicast;
}

function freeRouterId(registry: Registry, family: string): number {
  const ids = Array.from({ length: 255 }, (_, index) => index + 1);
  return ids.find(id => !registry.isClaimed(routerIdKey(family, id))) ?? 1;
}

function routerIdKey(family: string, id: number): string {
  return `vrid/${family}/${id}`;
}
