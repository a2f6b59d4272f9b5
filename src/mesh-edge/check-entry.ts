// checks of one more entry against its edge
import type { Construct } from 'constructs';
import { checkRouteApi } from './check-exposure';
import { checkProxyProtocol, isHostGateway } from './check-mesh-edge';
import type { EdgeParts } from './edge-parts';
import type { MeshEdgeEntryOptions } from './entry-options';
import type { MeshEdgeEntry } from './mesh-edge-entry';
import type { MeshEdgeProps } from './mesh-edge-props';
import { checkGatewayAnswer } from '../gateway/check-gateway-answer';
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkNotEmpty, checkThat } from '../validation/values';

/** Children of an edge that its `expose…()` methods make. An entry cannot have such an id, whichever call comes first. */
const ROUTE_IDS = /^(backend-tls|certificate|expose|gateway|grant|tcp)-/;

/** What an edge has before it gets one more entry. */
export interface EntryContext {
  readonly edge: Construct;
  readonly props: MeshEdgeProps;
  readonly parts: EdgeParts;
  /** The edge itself, and the entries so far. */
  readonly entries: MeshEdgeEntry[];
}

/** All problems with the options; the front proxy and the virtual IP check what they get. */
export function checkEntry(id: string, options: MeshEdgeEntryOptions, context: EntryContext): Problem[] {
  const existing = options.gateway?._choice.existing;
  const answer = existing ? checkGatewayAnswer(existing) : [];
  return answer.length > 0 ? answer : [
    ...checkDnsLabel('id', id),
    ...checkThat(!ROUTE_IDS.test(id), {
      code: 'name-invalid', what: 'id begins like the parts that expose() and exposeTcp() add to the edge', got: id, fix: 'choose another id, such as internal',
    }),
    ...checkThat(context.edge.node.tryFindChild(id) === undefined, {
      code: 'entry-twice', what: 'the edge has an entry or a part with this id', got: id, fix: 'choose another id',
    }),
    ...checkTopology(options, context.parts),
    ...checkNotEmpty('virtualAddresses', options.virtualAddresses.length),
    ...checkAddresses(options, context),
    ...checkProxyProtocol(existing, options.preserveClientAddress),
    ...(existing ? checkRouteApi(existing, context.props.routeApi) : []),
  ];
}

/** Only a front proxy can tell the addresses of a node apart, and a gateway on the nodes answers at all of them. */
function checkTopology({ gateway }: MeshEdgeEntryOptions, parts: EdgeParts): Problem[] {
  const { edgeNodes, existing } = gateway?._choice ?? {};
  return [
    ...checkThat(parts.frontProxy !== undefined && !isHostGateway(parts.gateway), {
      code: 'entry-unsupported',
      what: 'an edge whose gateway runs on the edge nodes has no further entries',
      fix: 'choose a front proxy and EdgeGateway.podNetwork(), or make another MeshEdge on other nodes',
    }),
    ...checkThat(edgeNodes === undefined && !(existing && isHostGateway(existing)), {
      code: 'entry-unsupported',
      what: 'the gateway of an entry cannot run on the edge nodes',
      fix: 'choose EdgeGateway.podNetwork(), or an existing gateway on the pod network',
    }),
    ...checkThat(parts.vip !== undefined, {
      code: 'entry-without-virtual-ip',
      what: 'the edge has no virtual address, so its nodes have no virtual IP that could move the addresses of the entry',
      fix: 'give the edge virtualAddresses',
    }),
  ];
}

function checkAddresses({ virtualAddresses }: MeshEdgeEntryOptions, { edge, entries }: EntryContext): Problem[] {
  const known = entries.flatMap(entry => entry.virtualAddresses.flatMap(({ addresses }) => addresses).map(address => ({ address, entry })));
  const wanted = virtualAddresses.flatMap(({ addresses }) => addresses);
  return [
    ...known.filter(({ address }) => wanted.includes(address)).map(({ address, entry }): Problem => ({
      code: 'address-twice',
      what: `${address} is also a virtual address of ${entry === edge ? 'the edge itself' : `entry ${entry.node.id}`}`,
      fix: 'give each entry its own addresses',
    })),
    ...wanted.filter((address, index) => wanted.indexOf(address) < index).map((address): Problem => ({
      code: 'address-twice', what: 'the entry has this address twice', got: address, fix: 'list each address once',
    })),
  ];
}
