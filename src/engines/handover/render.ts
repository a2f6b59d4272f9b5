// HandoverModel → the nftables text of one node
import { TextWriter } from '../text-writer';
import { FAMILIES, familiesOf } from './families';
import type { NodeFamily, Peer } from './families';
import type { HandoverModel, HandoverNode } from './model';
import { FLAG, writeChain, writeFlag, writeRemoval, writeSet } from './nft';

/** A peer is alive for this long after its last ping or answer. Then relayed connections of a dead node are reset, and do not hang. */
const ALIVE_MS = 1_200;

/** After the rules are loaded, all peers count as alive for this long: their connections must survive the load. */
const ASSUMED_ALIVE_MS = 2_000;

/** How long a handshake may take: until it ends there is no complete socket, and with SYN cookies none at all. */
const HANDSHAKE_SECONDS = 10;

/** More handshakes than this in `HANDSHAKE_SECONDS` are a flood; then the node relays nothing, and serves new connections. */
const HANDSHAKES = 65_536;

/** Before conntrack (-200) and all of kube-proxy's chains: a packet that is passed on leaves no trace here. After defragmentation (-400). */
const PRIORITY = -350;

/**
 * The tables of one node; loading the text replaces them in one step.
 *
 * No verdict map, and no set of one simple "type": nft 1.0.6 on the node, such as kube-proxy's, crashes if a newer one has written it.
 *
 * A packet for a virtual address that belongs to no socket of this node is passed on to the first other node that is alive. A node that
 * gets such a packet from another one passes it on to the next node after itself; the last one lets its kernel answer, with a reset.
 * Every connection is found, wherever it was opened. Packets cannot loop: each step goes up the list.
 *
 * ```text
 * arriving ─┬─▶ from<peer>                  a ping: the peer is alive
 *           └─▶ virtual ─┬─▶ opening        a new connection: it belongs to this node
 *                        ├─▶ accept         this node has the socket, or the handshake
 *                        ├─▶ next           a peer has sent it: to the next node of the list, or reset
 *                        └─▶ relay          to the first peer that is alive
 * ```
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

function writeTable(out: TextWriter, { name, ports }: HandoverModel, { networkInterface }: HandoverNode, nodeFamily: NodeFamily): void {
  out.blank();
  out.block(`table ${nodeFamily.family.table} ${name} {`, () => {
    writeSets(out, nodeFamily);
    writeArriving(out, networkInterface, ports, nodeFamily);
    writeRelay(out, networkInterface, nodeFamily);
    writeLeaving(out, nodeFamily);
  }, '}');
}

function writeSets(out: TextWriter, { family: { address }, peers }: NodeFamily): void {
  peers.forEach(peer => writeFlag(out, `alive${peer.number}`, `timeout ${ALIVE_MS}ms`, `elements = { host timeout ${ASSUMED_ALIVE_MS}ms }`));
  writeFlag(out, 'lease');
  writeFlag(out, 'flooded', `timeout ${HANDSHAKE_SECONDS}s`);
  writeSet(out, 'peers', 'typeof ether saddr', 'timeout 1m', 'size 64');
  writeSet(out, 'handshakes', `type ${address} . inet_service . ${address} . inet_service`, `timeout ${HANDSHAKE_SECONDS}s`, `size ${HANDSHAKES}`);
}

/** Notes which peers are alive, and sorts out the packets of the virtual addresses. */
function writeArriving(out: TextWriter, networkInterface: string, ports: number[], { family, addresses, peers }: NodeFamily): void {
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
  ]));
}

/** Keeps packets that have a socket here, and passes the others on. */
function writeRelay(out: TextWriter, networkInterface: string, { family: { table }, peers }: NodeFamily): void {
  const connection = `${table} saddr . tcp sport . ${table} daddr . tcp dport`;
  const relay = (peer: Peer) => `meta pkttype @alive${peer.number} dup to ${peer.address} device "${networkInterface}" drop`;
  writeChain(out, 'virtual', [
    '# a new connection, if anything listens here',
    'tcp flags & (syn | ack) == syn socket transparent { 0, 1 } goto opening',
    '# a connection of this node; not the listener, which is bound to all addresses, and not TIME_WAIT: the client may have taken its',
    '# port again for a connection to another node',
    'socket wildcard 0 accept',
    `${connection} @handshakes accept`,
    'meta pkttype @flooded accept',
    'ether saddr @peers goto next',
    ...peers.map(relay),
  ]);
  writeChain(out, 'opening', [
    `update @handshakes { ${connection} } accept`,
    '# the set is full',
    `update @flooded ${FLAG}`,
  ]);
  writeChain(out, 'next', peers.filter(peer => peer.after).map(relay));
}

function writeLeaving(out: TextWriter, { family, addresses, peers }: NodeFamily): void {
  const { table, echoReply, hops } = family;
  writeChain(out, 'leaving', [
    'type filter hook output priority -150',
    '# the handshake is over; after this, TIME_WAIT may be all that is left of the connection',
    `${table} saddr { ${addresses.join(', ')} } tcp flags & fin == fin delete @handshakes { ${table} daddr . tcp dport . ${table} saddr . tcp sport }`,
    `${echoReply} ${table} daddr { ${peers.map(peer => peer.address).join(', ')} } meta pkttype @lease ${hops} set 255`,
  ]);
}
