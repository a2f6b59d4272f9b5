// the cluster's DNS for an engine: a name has the addresses that the caller gives, or gets no answer
import type { Socket } from 'dgram';
import type { EdgeNode } from './edge-node';
import { addressBytes, familyOf } from '../src/validation/addresses';
import type { Family } from '../src/validation/addresses';

/** Types of records: A and AAAA. */
const TYPES: { readonly [family in Family]: number } = { ipv4: 1, ipv6: 28 };
const TTL_SECONDS = 30;

export class DnsServer {
  /** Text of a pod's /etc/resolv.conf, as the kubelet writes it, with search domains. */
  public static readonly RESOLV_CONF = 'search edge.svc.cluster.local svc.cluster.local cluster.local\nnameserver 127.0.0.53\noptions ndots:5\n';

  /** On 127.0.0.53 of the node, or on another of its addresses. */
  public static async start(node: EdgeNode, address = '127.0.0.53'): Promise<DnsServer> {
    return new DnsServer(await node.udp(53, address));
  }

  public readonly addresses = new Map<string, string[]>();
  /** Names of all queries, in order. */
  public readonly questions: string[] = [];
  /** Whether to drop queries, as a cluster DNS without pods does. */
  public down = false;

  private constructor(private readonly socket: Socket) {
    socket.on('message', (question, from) => {
      const answer = this.answer(question);
      if (!this.down) {
        socket.send(answer, from.port, from.address);
      }
    });
  }

  public stop(): void {
    this.socket.close();
  }

  /** RFC 1035: header, the unchanged question, one record for each address. An unknown name does not exist. */
  private answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let end = 12;
    for (; query[end] !== 0; end += query[end] + 1) {
      labels.push(query.toString('latin1', end + 1, end + 1 + query[end]).toLowerCase());
    }
    const name = labels.join('.');
    this.questions.push(name);

    const question = query.subarray(12, end + 5);
    const known = this.addresses.get(name);
    const records = (known ?? []).filter(address => TYPES[familyOf(address)] === query.readUInt16BE(end + 1));
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, question, ...records.map(record)]);
  }
}

function record(address: string): Buffer {
  const bytes = addressBytes(address);
  const fixed = Buffer.from([0xc0, 12, 0, TYPES[familyOf(address)], 0, 1, 0, 0, 0, TTL_SECONDS, 0, bytes.length]);
  return Buffer.concat([fixed, Buffer.from(bytes)]);
}
