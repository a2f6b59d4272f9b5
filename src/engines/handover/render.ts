// HandoverModel → the nftables text of one node
import { TextWriter } from '../text-writer';
import { FAMILIES, familiesOf } from './families';
import type { NodeFamily, Slot } from './families';
import type { HandoverModel, HandoverNode } from './model';
import { FLAG, FROM_PEER, LISTENING, SYN, writeChain, writeConnections, writeFlag, writeRemoval, writeSet } from './nft';
import { noteReady, tellReady, writeSpread, writeSpreadSets } from './render-spread';

/** A peer is alive for this long after its last ping or answer. Then relayed connections of a dead node are reset, and do not hang. */
const ALIVE_MS = 1_200;

/** The last packets of a connection belong to the node that has closed it, for this long. */
const CLOSING_SECONDS = 1;

/** More handshakes than fit into their set are a flood; for this long the node relays nothing, and serves new connections. */
const FLOOD_SECONDS = 10;

/** Before conntrack (-200) and all of kube-proxy's chains: a packet that is passed on leaves no trace here. After defragmentation (-400). */
const PRIORITY = -350;

/**
 * The tables of one node; loading the text replaces them in one step.
 *
 * No verdict map, and no set of one simple "type": nft 1.0.6 on the node, such as kube-proxy's, crashes if a newer one has written it.
 *
 * A packet for a virtual address that belongs to no socket of this node is passed on to the first other node that is alive, in the order
 * of its slot. A node that gets such a packet from another one passes it on to the next node after itself; the last one lets its kernel
 * answer, with a reset. Every connection is found, wherever it was opened. Packets cannot loop: each step goes up the order.
 *
 * ```text
 * arriving ─┬─▶ from<peer>                  a ping: the peer is alive
 *           └─▶ virtual ─┬─▶ opening        a new connection of this node
 *                        ├─▶ accept         this node has the socket, or the handshake
 *                        └─▶ slot ─┬─▶ next   a peer has sent it: to the next node of the order, or reset
 *                                  └─▶ to<peer>   to the first peer that is alive
 * ```
 *
 * There is one slot, in which all new connections belong to the node that gets them. Spreading makes more of them: see `writeSpread`.
 *
 * A peer is alive while an echo request or reply of it has come with 255 hops left: no router passed it, and its rules are in place,
 * since they set the hops of its replies. The kernel replies, so that a peer without a pod is alive as long as its lease lasts.
 */
export function renderHandover(model: HandoverModel, node: HandoverNode): string {
  const out = new TextWriter();
  out.line(`# hand-over of ${model.name} on ${node.id}, written by cdk8s-istio-edge: change the construct, not this text`);
  writeRemoval(out, FAMILIES.map(({ table }) => table), model.name);
  familiesOf(model, node).forEach(family => writeTable(out, model, node, family));
  return out.toString();
}

function writeTable(out: TextWriter, { name, ports, spread }: HandoverModel, { networkInterface }: HandoverNode, nodeFamily: NodeFamily): void {
  const spreads = spread !== undefined;
  out.blank();
  out.block(`table ${nodeFamily.family.table} ${name} {`, () => {
    writeSets(out, spreads, nodeFamily);
    writeArriving(out, spreads, networkInterface, ports, nodeFamily);
    writeVirtual(out, spreads, nodeFamily);
    nodeFamily.slots.forEach(slot => writeSlot(out, spreads, slot));
    if (spreads) {
      writeSpread(out, nodeFamily);
    }
    nodeFamily.peers.forEach(peer => writeChain(out, `to${peer.number}`, [`dup to ${peer.address} device "${networkInterface}" drop`]));
    writeLeaving(out, spreads, nodeFamily);
  }, '}');
}

function writeSets(out: TextWriter, spreads: boolean, nodeFamily: NodeFamily): void {
  const { family, peers } = nodeFamily;
  peers.forEach(peer => writeFlag(out, `alive${peer.number}`, `timeout ${ALIVE_MS}ms`));
  writeFlag(out, 'lease');
  writeFlag(out, 'flooded', `timeout ${FLOOD_SECONDS}s`);
  writeSet(out, 'peers', 'typeof ether saddr', 'timeout 1m', 'size 64');
  writeConnections(out, 'handshakes', family.address);
  if (spreads) {
    writeSpreadSets(out, nodeFamily);
  }
}

/** Notes which peers are alive, and sorts out the packets of the virtual addresses. */
function writeArriving(
  out: TextWriter, spreads: boolean, networkInterface: string, ports: number[], { family, addresses, peers }: NodeFamily,
): void {
  const { table, echo, hops } = family;
  writeChain(out, 'arriving', [
    `type filter hook prerouting priority ${PRIORITY}`,
    `iifname != "${networkInterface}" accept`,
    ...peers.map(peer => `${echo} ${hops} 255 ${table} saddr ${peer.address} goto from${peer.number}`),
    `${table} daddr { ${addresses.join(', ')} } tcp dport { ${ports.join(', ')} } goto virtual`,
  ]);
  peers.forEach(peer => writeChain(out, `from${peer.number}`, [
    `update @alive${peer.number} ${FLAG}`,
    'update @peers { ether saddr }',
    ...(spreads ? noteReady(family, peer) : []),
  ]));
}

/** Keeps packets that have a socket here. */
function writeVirtual(out: TextWriter, spreads: boolean, { family: { connection }, slots }: NodeFamily): void {
  const [fromPeer, again, opened] = spreads ? [`${FROM_PEER} `, [`${SYN} jump again`], ['jump opened']] : ['', [], []];
  writeChain(out, 'virtual', [
    spreads ? '# a new connection, for which a peer has chosen this node' : '# a new connection, if anything listens here',
    `${SYN} ${fromPeer}${LISTENING} goto opening`,
    '# a connection of this node; not the listener, which is bound to all addresses, and not TIME_WAIT: the client may have taken its',
    '# port again for a connection to another node',
    'socket wildcard 0 accept',
    ...again,
    `${connection} @handshakes accept`,
    ...opened,
    ...slots.map(({ number }) => `${slots.length > 1 ? `jhash ${connection} mod ${slots.length} seed 1 == ${number - 1} ` : ''}goto slot${number}`),
  ]);
  writeChain(out, 'opening', [
    `update @handshakes { ${connection} } accept`,
    '# the set is full',
    `update @flooded ${FLAG}`,
    'accept',
  ]);
}

/** Passes packets on that have no socket here. In a flood, they are handshakes of this node. */
function writeSlot(out: TextWriter, spreads: boolean, { number, steps, after }: Slot): void {
  const step = (peer: Slot['steps'][0]) => (peer === 'self' ? 'meta pkttype @flooded accept' : `meta pkttype @alive${peer.number} goto to${peer.number}`);
  writeChain(out, `slot${number}`, [
    `${FROM_PEER} goto next${number}`,
    ...(spreads ? [`${SYN} jump new${number}`] : []),
    ...steps.map(step),
  ]);
  writeChain(out, `next${number}`, [step('self'), ...after.map(step)]);
}

function writeLeaving(out: TextWriter, spreads: boolean, { family, addresses, peers }: NodeFamily): void {
  const { table, echoReply, hops } = family;
  writeChain(out, 'leaving', [
    'type filter hook output priority -150',
    '# after this, TIME_WAIT may be all that is left of the connection; the client may soon take its port again, for another node',
    `${table} saddr { ${addresses.join(', ')} } tcp flags & fin == fin `
    + `update @handshakes { ${table} daddr . tcp dport . ${table} saddr . tcp sport timeout ${CLOSING_SECONDS}s }`,
    `${echoReply} ${table} daddr { ${peers.map(peer => peer.address).join(', ')} } meta pkttype @lease ${hops} set 255`,
    ...(spreads ? tellReady(family, peers) : []),
  ]);
}
