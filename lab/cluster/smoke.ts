// checks with hand-written manifests that the cluster has each property that scenarios need

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from './cluster';
import { CommandFailed, sleep, until } from './commands';
import { Machine } from './machine';
import { Progress } from './progress';
import { CLIENT_ADDRESS } from './topology';

const VIP = '192.0.2.100';
const MANIFESTS = ['gateway.yaml', 'front.yaml', 'keepalived.yaml'];

/** The fields of `labtool load` and `labtool probe` that the smoke test reads. */
interface LoadReport {
  readonly ok: number;
  readonly failed: number;
  readonly clients: { [address: string]: number };
  readonly pods: { [name: string]: number };
  readonly requestsPerSecond: number;
}
interface ProbeReport {
  readonly probes: number;
  readonly longestOutageSeconds: number;
  readonly outages: { readonly open: boolean }[];
}

/** Name of a check, and a function that returns what it saw or throws. */
type Check = [string, () => Promise<string>];

export async function smoke(cluster: Cluster, progress: Progress): Promise<boolean> {
  let failed = 0;
  for (const [name, check] of checks(cluster)) {
    try {
      progress.say(`passed  ${name}: ${await check()}`);
    } catch (error) {
      failed++;
      progress.say(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  progress.say(`smoke: ${checks(cluster).length - failed} passed, ${failed} failed`);
  return failed === 0;
}

function checks(cluster: Cluster): Check[] {
  return [
    ['unknown fields are refused', () => strictValidation(cluster)],
    ['Pod Security refuses a host pod in a restricted namespace', () => podSecurity(cluster)],
    ['all pods ready', () => ready(cluster)],
    ['DNS and Services from the host network', () => hostDns(cluster)],
    ['HTTP through the VIP, with the client\'s address', () => load(cluster, `${VIP}:80`)],
    ['TLS through the VIP', () => load(cluster, `${VIP}:443`, '--tls')],
    ['HTTP over IPv6 to a node', () => load(cluster, '[2001:db8::11]:80')],
    ['HAProxy as its image starts it', () => load(cluster, '192.0.2.11:8082')],
    ['nginx as its image starts it, stream module loaded', () => load(cluster, '192.0.2.11:8083')],
    ['an image under any reference', () => anyReference(cluster)],
    ['cable pulled', () => fault(cluster, node => node.pullCable(), node => node.plugCable())],
    ['port cut, carrier kept', () => fault(cluster, node => node.cutPort(), node => node.joinPort())],
  ];
}

function pod(name: string, namespace: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
}

function manifest(name: string): string {
  return readFileSync(join(__dirname, 'smoke', name), 'utf8');
}

async function strictValidation(cluster: Cluster): Promise<string> {
  const flags = ['--server-side', '--validate=strict', '--dry-run=server'];
  await cluster.apply(manifest('gateway.yaml').split('---')[0], ...flags);
  const misspelt = manifest('gateway.yaml').split('---').slice(0, 1).join('').replace('metadata:', 'spec: {finalisers: []}\nmetadata:');
  return refused(cluster.apply(misspelt, ...flags), /unknown field|not declared in schema/);
}

async function podSecurity(cluster: Cluster): Promise<string> {
  await cluster.apply(manifest('gateway.yaml'), '--server-side');
  const spec = { hostNetwork: true, containers: [{ name: 'x', image: 'x' }] };
  return refused(cluster.apply(pod('on-host', 'mesh', spec), '--dry-run=server'), /violates PodSecurity/);
}

/** The reason in the API server's refusal. */
async function refused(attempt: Promise<string>, because: RegExp): Promise<string> {
  const answer = await attempt.catch((error: unknown) => error);
  if (!(answer instanceof CommandFailed)) throw new Error('was accepted');
  const line = answer.stderr.split('\n').find(text => because.test(text));
  if (!line) throw new Error(`refused for another reason: ${answer.stderr}`);
  return line.replace(/^Error from server[^:]*: /, '').slice(0, 130);
}

async function ready(cluster: Cluster): Promise<string> {
  const begun = Date.now();
  for (const name of MANIFESTS) {
    await cluster.apply(manifest(name), '--server-side', '--validate=strict');
  }
  await cluster.kubectl(['-n', 'mesh', 'rollout', 'status', 'deployment/gateway', '--timeout=60s'], { seconds: 70 });
  await cluster.kubectl(['-n', 'edge', 'rollout', 'status', 'daemonset', '--timeout=60s'], { seconds: 70 });
  await cluster.kubectl(['-n', 'edge', 'wait', 'pod', '--all', '--for=condition=Ready', '--timeout=60s'], { seconds: 70 });
  const seconds = (Date.now() - begun) / 1000;
  await until('one edge node holds the VIP', 30, async () => (await cluster.holders(VIP)).length === 1, 20);
  return `${seconds.toFixed(1)} s, VIP held after ${((Date.now() - begun) / 1000).toFixed(1)} s`;
}

async function hostDns(cluster: Cluster): Promise<string> {
  const inPod = async (...argv: string[]) => cluster.kubectl(['-n', 'edge', 'exec', 'on-host', '--', ...argv]);
  const service = (await inPod('getent', 'ahostsv4', 'gateway.mesh.svc.cluster.local')).split(/\s/)[0];
  const lines = (await inPod('getent', 'ahostsv4', 'gateway-headless.mesh.svc.cluster.local')).trim().split('\n');
  const headless = new Set(lines.map(line => line.split(/\s/)[0]));
  const answer = JSON.parse(await inPod('labtool', 'get', 'http://gateway.mesh/')) as { peer: string };
  const seen = `Service ${service}, headless ${[...headless].join(' and ')}, backend sees ${answer.peer}`;
  if (!service.startsWith('10.96.') || headless.size !== 2 || answer.peer !== '192.0.2.11') throw new Error(seen);
  return seen;
}

async function load(cluster: Cluster, target: string, ...flags: string[]): Promise<string> {
  const argv = ['load', '--target', target, '--count', '500', '--workers', '4', '--duration', '20s', ...flags];
  const seen = await cluster.fromClient<LoadReport>(argv, 30);
  const client = target.startsWith('[') ? CLIENT_ADDRESS.ipv6 : CLIENT_ADDRESS.ipv4;
  if (seen.ok !== 500 || seen.clients[client] !== 500) throw new Error(JSON.stringify(seen));
  return `500 requests, ${Object.keys(seen.pods).length} pods, client seen as ${client}, ${seen.requestsPerSecond.toFixed(0)} a second`;
}

async function anyReference(cluster: Cluster): Promise<string> {
  const reference = `docker.io/envoyproxy/envoy:v0.0.1@sha256:${'0'.repeat(64)}`;
  await cluster.nameImage(reference);
  const container = { name: 'x', image: reference, imagePullPolicy: 'IfNotPresent', command: ['envoy', '--version'] };
  await cluster.apply(pod('any-reference', 'edge', { nodeName: 'edge-2', restartPolicy: 'Never', containers: [container] }));
  await cluster.kubectl(['-n', 'edge', 'wait', 'pod/any-reference', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s']);
  return (await cluster.kubectl(['-n', 'edge', 'logs', 'any-reference'])).trim();
}

/** Breaks the holder of the VIP. Checks that the VIP moves, and that one node holds it afterwards. */
async function fault(cluster: Cluster, harm: (node: Machine) => Promise<void>, mend: (node: Machine) => Promise<void>): Promise<string> {
  const [holder] = await cluster.holders(VIP);
  const node = cluster.edges.find(edge => edge.name === holder);
  if (!node) throw new Error('no node holds the VIP');
  const probing = cluster.fromClient<ProbeReport>(['probe', '--target', `${VIP}:80`, '--duration', '6s'], 15);
  await sleep(1500);
  await harm(node);
  await sleep(2500);
  await mend(node);
  const seen = await probing;
  await until('one edge node holds the VIP again', 20, async () => (await cluster.holders(VIP)).length === 1);
  const [now] = await cluster.holders(VIP);
  const report = `${holder} → ${now}, longest outage ${seen.longestOutageSeconds.toFixed(3)} s of ${seen.outages.length}, ${seen.probes} probes`;
  if (now === holder || seen.outages.some(outage => outage.open)) throw new Error(`the VIP did not move: ${report}`);
  return report;
}
