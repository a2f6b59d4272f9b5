// quotes values for HAProxy: the only place where a value becomes an argument of a keyword
import { hostPort } from '../notation';

/** Words that need no quotes. */
const PLAIN = /^[\w./:[\]@*+-]+$/;

/**
 * One word that HAProxy reads back as exactly `text`. Inside double quotes only these three need a backslash; control
 * characters (a line ends at a newline, quoted or not) are written as `\xNN`.
 *
 * @see http://docs.haproxy.org/2.6/configuration.html#2.2
 */
export function quoteHaproxy(text: string): string {
  if (PLAIN.test(text)) {
    return text;
  }
  const escaped = text.replace(/["\\$]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, character => `\\x${hex(character)}`);
  return `"${escaped}"`;
}

/** The same for arguments that are log-format strings, where `%` begins a variable. */
export function quoteFormat(text: string): string {
  return quoteHaproxy(text.replace(/%/g, '%%'));
}

/** Address and port as one word. */
export function endpoint(host: string, port: number): string {
  return quoteHaproxy(hostPort(host, port));
}

/**
 * A `bind` on an address of one family. All sockets of HAProxy have SO_REUSEPORT, so the old and the new pod share the
 * port during a rolling update.
 */
export function bind(address: string, port: number): string {
  return `bind ${endpoint(address, port)}${address.includes(':') ? ' v6only' : ''}`;
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
