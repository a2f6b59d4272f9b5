// open connections of all kinds through a virtual IP, over both families and with and without TLS

import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Running } from './measure';
import { StreamsReport } from './reports';
import { until } from '../cluster/commands';
import { RUN } from '../cluster/machine';
import { Node } from '../cluster/node';
import { hostOf } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';

/** Shares of the kinds of connections. */
const KINDS = { idle: 0.6, trickle: 0.2, websocket: 0.1, grpc: 0.08, download: 0.01, upload: 0.01 };

/** Time in which two cores open some thousand connections. */
const OPEN_WITHIN_SECONDS = 90;

/** Where connections go, and which share of them. */
interface Way {
  readonly family: 'IPv4' | 'IPv6';
  readonly port: 80 | 443;
  readonly share: number;
}

const WAYS: Way[] = [
  { family: 'IPv4', port: 443, share: 0.5 }, { family: 'IPv6', port: 443, share: 0.3 },
  { family: 'IPv4', port: 80, share: 0.1 }, { family: 'IPv6', port: 80, share: 0.1 },
];

/** Istio only redirects on 80. */
const WAYS_OF_ISTIO: Way[] = [{ family: 'IPv4', port: 443, share: 0.6 }, { family: 'IPv6', port: 443, share: 0.4 }];

/** What became of connections. */
export interface Carried {
  readonly opened: { readonly IPv4: number; readonly IPv6: number };
  readonly broken: { readonly IPv4: number; readonly IPv6: number };
  readonly brokenBy: { readonly [kind: string]: number };
  readonly brokenAt: { readonly [second: string]: number };
  readonly notOpened: { readonly [kind: string]: number };
  /** Opened ones by the name of the node that served them. */
  readonly nodes: { readonly [name: string]: number };
  /** Broken ones by the name of the node that served them. */
  readonly brokenNodes: { readonly [name: string]: number };
  /** By kind. */
  readonly longestStallMs: { readonly [kind: string]: number };
  readonly bytes: number;
}

/** Connections that are open and in use until `end()`. */
export class Streams {
  /** Opens them, the share of IPv6 only with an address for it. Returns when all are open. */
  public static async open(edge: EdgeUnderTest, ipv6Address: string | undefined, count: number, seconds: number): Promise<Streams> {
    const ways = (edge.istio ? WAYS_OF_ISTIO : WAYS).filter(({ family }) => family === 'IPv4' || ipv6Address !== undefined);
    const files = ways.map(() => join(RUN, `opened-${randomUUID()}`));
    const running = ways.map(({ family, port, share }, i) => {
      const address = family === 'IPv4' ? edge.example.address : ipv6Address!;
      const flags = ['--target', `${hostOf(address)}:${port}`, '--connections', kindsOf(count * share), '--opened-file', files[i]];
      return Running.labtool<StreamsReport>(edge.cluster, ['streams', ...flags, ...port === 443 ? ['--tls'] : []], seconds);
    });
    try {
      await until(`${count} connections are open`, OPEN_WITHIN_SECONDS, () => files.every(file => existsSync(file)), 100);
    } finally {
      files.forEach(file => rmSync(file, { force: true }));
    }
    return new Streams(edge.nodes, ways, running);
  }

  private constructor(private readonly edges: Node[], private readonly ways: Way[], private readonly running: Running<StreamsReport>[]) {}

  /** Uses each once more, closes all, and returns what became of them. */
  public async end(): Promise<Carried> {
    const reports = await Promise.all(this.running.map(async one => one.end()));
    return allOf(reports.map((report, i) => this.carried(this.ways[i], report)));
  }

  private carried({ family }: Way, { opened, broken, brokenPeers, peers, ...report }: StreamsReport): Carried {
    const none = { IPv4: 0, IPv6: 0 };
    return {
      ...report,
      opened: { ...none, [family]: sumOf(opened) },
      broken: { ...none, [family]: sumOf(broken) },
      brokenBy: broken,
      nodes: this.byNode(peers),
      brokenNodes: this.byNode(brokenPeers),
    };
  }

  private byNode(peers: { readonly [address: string]: number }): { [name: string]: number } {
    return added(...Object.entries(peers).map(([peer, times]) => ({ [this.nodeOf(peer)]: times })));
  }

  /** The node with this address, which may be that of its pod network. */
  private nodeOf(peer: string): string {
    const isOf = ({ spec: { ipv4, ipv6, podCidrs } }: Node) => [ipv4, ipv6].includes(peer) || podCidrs.some(cidr => peer.startsWith(cidr.replace(/(0|:)\/\d+$/, '')));
    return this.edges.find(isOf)?.name ?? peer;
  }
}

/** What became of the connections of all of these. */
export function allOf(some: Carried[]): Carried {
  const families = (part: 'opened' | 'broken') => ({
    IPv4: some.reduce((total, one) => total + one[part].IPv4, 0), IPv6: some.reduce((total, one) => total + one[part].IPv6, 0),
  });
  return {
    opened: families('opened'),
    broken: families('broken'),
    brokenBy: added(...some.map(({ brokenBy }) => brokenBy)),
    brokenAt: added(...some.map(({ brokenAt }) => brokenAt)),
    notOpened: added(...some.map(({ notOpened }) => notOpened)),
    nodes: added(...some.map(({ nodes }) => nodes)),
    brokenNodes: added(...some.map(({ brokenNodes }) => brokenNodes)),
    longestStallMs: longestOf(...some.map(({ longestStallMs }) => longestStallMs)),
    bytes: some.reduce((total, { bytes }) => total + bytes, 0),
  };
}

/** Sums by name. */
export function added(...counts: { readonly [name: string]: number }[]): { [name: string]: number } {
  return merged((one, other) => one + other, counts);
}

function longestOf(...times: { readonly [name: string]: number }[]): { [name: string]: number } {
  return merged((one, other) => Math.max(one, other), times);
}

function merged(combine: (one: number, other: number) => number, all: { readonly [name: string]: number }[]): { [name: string]: number } {
  const result: { [name: string]: number } = {};
  all.flatMap(one => Object.entries(one)).forEach(([name, figure]) => { result[name] = combine(result[name] ?? 0, figure); });
  return result;
}

export function sumOf(counts: { readonly [name: string]: number }): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}

function kindsOf(total: number): string {
  return Object.entries(KINDS).map(([kind, share]) => `${kind}=${Math.max(1, Math.round(total * share))}`).join();
}
