// istio-traffic: WebSockets, gRPC, a long download, many connections and silent ones, from the client to a service behind a real Istio. The
// service sees the client's address where the edge preserves it

import { run } from '../cluster/commands';
import { keyFile } from '../cluster/keys';
import { Node } from '../cluster/node';
import { Progress } from '../cluster/progress';
import { CLIENT_ADDRESS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { example, Example, HA_EDGE } from '../edge/examples';
import { Bound, Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Running } from '../traffic/measure';
import { Answer, DownloadReport, GrpcReport, HoldReport, ProbeReport } from '../traffic/reports';

const HOST = 'shop.example.com';
const CONNECTIONS = 1000;
const FEW = 10;
const SILENT = 4;
/** From a stream's first message to its last: labtool sends ten, 100 ms apart. */
const STREAM_SECONDS = 0.9;
const DOWNLOAD_BYTES = 2 ** 30;
/** X-Forwarded-For of the client. The gateway adds the address that it sees. */
const CLAIMED = '198.51.100.7';

/** CI tests only the first. */
const EDGES = [HA_EDGE, example('front-haproxy'), example('front-nginx'), example('host-gateways-vip')];

export const istioTraffic: Scenario = {
  name: 'istio-traffic',
  title: 'real istiod: WebSocket, gRPC, a long download, many and silent connections to a service; the client\'s address',
  run: async context => {
    const findings = new Findings('istio-traffic', context.profile);
    const count = context.profile.name === 'ci' ? 1 : undefined;
    for (const one of EDGES.slice(0, count)) await traffic(context, one, findings);
    return findings.results;
  },
};

/** Silent connections and health checks last for the whole test; the other traffic follows one after the other. */
async function traffic({ edges, profile, progress }: ScenarioContext, one: Example, findings: Findings): Promise<void> {
  const edge = await edges.useWithIstio(one);
  const found = new Traffic(edge, progress, findings);
  const silent = found.silence(profile.silenceSeconds(one.engine));
  silent.catch(() => undefined); // it is thrown below
  const checks = await healthChecks(edge);
  await found.clientAddress();
  await found.webSockets();
  await found.grpc();
  await found.download();
  await found.manyConnections();
  await found.health(checks);
  await silent;
}

/** Probes from a node to each gateway without a PROXY header, as kubelet and front proxy send them. */
async function healthChecks(edge: EdgeUnderTest): Promise<Running<ProbeReport>[]> {
  const gateways = await edge.pods('gateway');
  return gateways.map(({ address }) => Running.labtool<ProbeReport>(
    edge.cluster, ['probe', '--target', `${address}:15021`, '--path', '/healthz/ready', '--interval', '100ms', '--timeout', '3s'], 300, edge.nodes[0]));
}

/** Sends each kind of traffic, and judges it. */
class Traffic {
  constructor(private readonly edge: EdgeUnderTest, private readonly progress: Progress, private readonly findings: Findings) {}

  /** A silent WebSocket meets the proxy's stream timeout; a silent HTTP connection meets its idle timeout. */
  public async silence(seconds: number): Promise<void> {
    const held = await Promise.all([this.hold(SILENT / 2, seconds, '--websocket'), this.hold(SILENT / 2, seconds)]);
    this.lost(`connections that do not answer after ${seconds} s of silence`, SILENT, held[0] + held[1], 'connections');
  }

  public async clientAddress(): Promise<void> {
    const { cluster, example: { address, preservesClient }, nodes } = this.edge;
    const ask = ['get', '--ca', keyFile('ca.crt'), '--host', HOST, '--forwarded-for', CLAIMED, `https://${address}/`];
    const { forwardedFor = '' } = await cluster.fromClient<Answer>(ask, 10);
    const [first, ...others] = forwardedFor.split(/, */);
    const expected = preservesClient ? [CLIENT_ADDRESS.ipv4] : await addressesOf(nodes);
    const asExpected = first === CLAIMED && others.length === 1 && expected.includes(others[0]);
    const whose = preservesClient ? 'the client' : 'an edge node';
    this.progress.say(`X-Forwarded-For: ${forwardedFor}`);
    this.lost(`answers whose X-Forwarded-For is not the client's own, then ${whose}`, 1, asExpected ? 1 : 0, 'answers');
  }

  public async webSockets(): Promise<void> {
    this.lost('WebSockets that do not echo frames of 5 B, 600 B and 120 kB, and again a second later', FEW, await this.hold(FEW, 1, '--websocket'), 'connections');
  }

  public async grpc(): Promise<void> {
    const call = ['grpc', '--tls', '--ca', keyFile('ca.crt'), '--target', this.edge.target(443), '--count', `${FEW}`];
    const { unary, streams, spreadMs, failedBy } = await this.edge.cluster.fromClient<GrpcReport>(call, 60);
    this.sayWhy(failedBy);
    this.lost('gRPC calls without their answer', FEW, unary, 'calls');
    this.lost('gRPC streams without all of their messages', FEW, streams, 'calls');
    const bound = { limit: STREAM_SECONDS / 2, because: 'no proxy buffers them', slackSeconds: 0 };
    this.add(`messages of a gRPC stream come closer together than they were sent, in all ${STREAM_SECONDS} s, by`, Math.max(0, STREAM_SECONDS - spreadMs / 1000), 's', bound);
  }

  public async download(): Promise<void> {
    const fetch = ['download', '--tls', '--target', this.edge.target(443), '--bytes', `${DOWNLOAD_BYTES}`];
    const { bytes, seconds, failed } = await this.edge.cluster.fromClient<DownloadReport>(fetch, 620);
    if (failed) this.progress.say(failed);
    this.lost('bytes of a download that are missing or wrong', DOWNLOAD_BYTES, bytes, 'bytes');
    this.add('throughput of the download', bytes / 2 ** 20 / seconds, 'MiB/s');
  }

  public async manyConnections(): Promise<void> {
    this.lost('connections that do not answer twice while all are open', CONNECTIONS, await this.hold(CONNECTIONS, 5), 'connections');
  }

  public async health(checks: Running<ProbeReport>[]): Promise<void> {
    const reports = await Promise.all(checks.map(async check => check.end()));
    const sum = (count: (report: ProbeReport) => number) => reports.reduce((total, report) => total + count(report), 0);
    const all = sum(({ probes }) => probes);
    reports.forEach(({ outages }) => outages.forEach(({ by }) => this.sayWhy(by)));
    this.lost('health checks on 15021 not answered during all this', Math.max(1, all), all - sum(({ bad }) => bad), 'checks');
  }

  /** Returns how many connections answered at the start, and again after a silence. */
  private async hold(connections: number, seconds: number, ...flags: string[]): Promise<number> {
    const words = ['hold', '--tls', '--target', this.edge.target(443), '--connections', `${connections}`, '--silence', `${seconds}s`, ...flags];
    const { answeredAgain, failedBy } = await this.edge.cluster.fromClient<HoldReport>(words, seconds + 120);
    this.sayWhy(failedBy);
    return answeredAgain;
  }

  private lost(what: string, all: number, good: number, unit: string): void {
    this.add(`${what}, of ${all}`, all - good, unit, { goal: 0 });
  }

  private add(criterion: string, figure: number, unit: string, bound: Bound = {}): void {
    this.findings.add(`${this.edge.example.name}: ${criterion}`, figure, unit, bound);
  }

  private sayWhy(failedBy: { [kind: string]: number }): void {
    Object.entries(failedBy).forEach(([kind, times]) => this.progress.say(`${this.edge.example.name}: ${times} × ${kind}`));
  }
}

/** All addresses of the nodes. A node reaches its own pods from its address on the pod network. */
async function addressesOf(nodes: Node[]): Promise<string[]> {
  const shown = await Promise.all(nodes.map(async node => run(node.inNetwork(['ip', '-o', '-4', 'addr', 'show']))));
  return shown.flatMap(text => [...text.matchAll(/ inet ([\d.]+)/g)].map(([, found]) => found));
}
