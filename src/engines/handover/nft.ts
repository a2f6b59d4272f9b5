// the grammar of nftables, as far as the tables of a hand-over need it
import type { TextWriter } from '../text-writer';

/** A set can be asked only about the packet at hand. All packets here have the type "host", which makes a set with one element a flag. */
export const FLAG = '{ meta pkttype }';

/** A packet that opens a connection. */
export const SYN = 'tcp flags & (syn | ack) == syn';

/** Any socket takes the packet, be it a listener. */
export const LISTENING = 'socket transparent { 0, 1 }';

/** Another node has passed the packet on. */
export const FROM_PEER = 'ether saddr @peers';

/** How long a handshake may take: until it ends there is no complete socket, and with SYN cookies none at all. */
const HANDSHAKE_SECONDS = 10;

const HANDSHAKES = 65_536;

/** Removes tables of these families. Deleting a table that does not exist is an error, so each is made first. */
export function writeRemoval(out: TextWriter, families: string[], name: string): void {
  families.forEach(family => {
    out.line(`table ${family} ${name}`);
    out.line(`delete table ${family} ${name}`);
  });
}

/**
 * More than one: an element that has ended counts until the kernel removes it, up to a second later. In a set for one element, the flag
 * could not be set again until then.
 */
export const FLAG_SIZE = 'size 16';

/** A set that is empty or has one element. */
export function writeFlag(out: TextWriter, name: string, ...more: string[]): void {
  writeSet(out, name, 'typeof meta pkttype', FLAG_SIZE, ...more);
}

/** An empty set of a type. */
export function writeSet(out: TextWriter, name: string, type: string, ...more: string[]): void {
  out.block(`set ${name} {`, () => [type, 'flags dynamic,timeout', ...more].forEach(line => out.line(line)), '}');
}

/** A set of connections whose handshake is under way. */
export function writeConnections(out: TextWriter, name: string, address: string): void {
  writeSet(out, name, `type ${address} . inet_service . ${address} . inet_service`, `timeout ${HANDSHAKE_SECONDS}s`, `size ${HANDSHAKES}`);
}

/** A chain and its lines. */
export function writeChain(out: TextWriter, name: string, lines: string[]): void {
  out.block(`chain ${name} {`, () => lines.forEach(line => out.line(line)), '}');
}
