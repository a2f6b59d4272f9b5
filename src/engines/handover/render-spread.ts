// the rules by which all nodes share the new connections
import type { TextWriter } from '../text-writer';
import type { Family, NodeFamily, Peer, Slot } from './families';
import { FLAG, FROM_PEER, LISTENING, writeChain, writeConnections, writeFlag } from './nft';

/**
 * A peer is ready for this long after its last ping or answer with this DSCP. It is shorter than the time for which it is alive: a peer that is
 * falsely not ready only loses a new connection to another node.
 */
const READY_MS = 400;

/** A node sets it in its pings and answers while it is ready. Local use: https://www.rfc-editor.org/rfc/rfc2474#section-6 */
const READY_DSCP = 47;

/** The lifetime of `ready` comes with its element. */
export function writeSpreadSets(out: TextWriter, { family, peers }: NodeFamily): void {
  writeFlag(out, 'ready');
  peers.forEach(peer => writeFlag(out, `ready${peer.number}`, `timeout ${READY_MS}ms`));
  peers.forEach(peer => writeConnections(out, `opened${peer.number}`, family.address));
}

/** Rules for a ping or an answer of a peer. */
export function noteReady({ dscp }: Family, { number }: Peer): string[] {
  return [
    `${dscp} ${READY_DSCP} update @ready${number} ${FLAG}`,
    `${dscp} != ${READY_DSCP} delete @ready${number} ${FLAG}`,
  ];
}

/** Rules for pings to peers, and answers. The kernel copies the DSCP of a ping into its answer. */
export function tellReady({ table, echo, dscp }: Family, peers: Peer[]): string[] {
  const ping = `${echo} ${table} daddr { ${peers.map(peer => peer.address).join(', ')} }`;
  return [`${ping} ${dscp} set 0`, `${ping} meta pkttype @ready ${dscp} set ${READY_DSCP}`];
}

/**
 * A new connection of a client goes to the first node of its slot that is ready. The slot is a hash of the connection, so that all nodes
 * choose the same one.
 *
 * The holder remembers for ten seconds where a connection went. So its handshake is found at once, even while a node that comes
 * earlier in the slot is dead, and counts as alive.
 */
export function writeSpread(out: TextWriter, { family: { connection }, peers, slots }: NodeFamily): void {
  writeChain(out, 'again', [
    `${FROM_PEER} return`,
    '# a repeated SYN goes where the first one went, while that node is ready',
    `${connection} @handshakes meta pkttype @ready ${LISTENING} goto opening`,
    `delete @handshakes { ${connection} }`,
    ...peers.flatMap(({ number }) => [
      `${connection} @opened${number} meta pkttype @ready${number} goto open${number}`,
      `delete @opened${number} { ${connection} }`,
    ]),
  ]);
  writeChain(out, 'opened', [
    `${FROM_PEER} return`,
    ...peers.map(({ number }) => `${connection} @opened${number} goto to${number}`),
  ]);
  slots.forEach(slot => writeNew(out, slot));
  peers.forEach(({ number }) => writeChain(out, `open${number}`, [
    `update @opened${number} { ${connection} }`,
    `goto to${number}`,
  ]));
}

function writeNew(out: TextWriter, { number, steps }: Slot): void {
  writeChain(out, `new${number}`, [
    ...steps.map(step => (step === 'self'
      ? `meta pkttype @ready ${LISTENING} goto opening`
      : `meta pkttype @ready${step.number} goto open${step.number}`)),
    '# no node is ready',
    `${LISTENING} goto opening`,
  ]);
}
