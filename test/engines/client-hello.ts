// the first bytes of a TLS client, for the engines that route by them
import { Duplex } from 'stream';
import * as tls from 'tls';

/** A real ClientHello; without `servername` it carries no SNI. */
export function clientHello(servername?: string): Promise<Buffer> {
  return new Promise(resolve => {
    const wire = new Duplex({ read: () => undefined, write: (bytes: Buffer) => resolve(bytes) });
    tls.connect({ socket: wire, servername });
  });
}
