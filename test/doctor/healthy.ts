// a cluster and nodes on which an example works, as the doctor would find them
import { execFileSync } from 'child_process';
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { edgeOf } from '../../packages/doctor/src/edge/edge';
import type { Edge } from '../../packages/doctor/src/edge/edge';
import type { KubeObject } from '../../packages/doctor/src/edge/objects';
import { readManifests } from '../../packages/doctor/src/edge/read';
import { imagesOf, nodesFor } from '../../packages/doctor/src/edge/workload';
import type { Facts, NodeFacts } from '../../packages/doctor/src/facts';
import { FRONT_SETTINGS, nodesToProbe, planProbes } from '../../packages/doctor/src/nodes/plan';
import { EXAMPLES } from '../support/examples';

/** The facts, for tests that change them. */
export type Changeable<T> = T extends Date ? T
  : T extends readonly (infer Item)[] ? Changeable<Item>[]
    : T extends object ? { -readonly [Key in keyof T]: Changeable<T[Key]> } : T;

export const objectsOf = (example: string): KubeObject[] => readManifests([join(EXAMPLES, example, 'dist')]);

/** A certificate for these hosts, valid for a year. */
function certificateFor(hosts: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  try {
    const names = hosts.map(host => `DNS:${host}`).join(',');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '365', '-subj', '/CN=test',
      '-addext', `subjectAltName=${names}`, '-keyout', join(folder, 'key'), '-out', join(folder, 'crt')], { stdio: 'ignore' });
    return readFileSync(join(folder, 'crt'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const HOSTS = ['*.example.com', '*.partners.example.com', 'example.com', '*.example.internal'];
export const CERTIFICATE = certificateFor(HOSTS);

const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

function node(name: string, address: string): KubeObject {
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'edge': 'true' } },
    spec: {},
    status: { ...ready, addresses: [{ type: 'InternalIP', address }, { type: 'Hostname', address: name }] },
  };
}

export const NODES = [node('edge-1', '192.0.2.11'), node('edge-2', '192.0.2.12'), node('worker-1', '192.0.2.21')];

function kindsOf(objects: readonly KubeObject[]): { [version: string]: string[] } {
  const kinds: { [version: string]: string[] } = {};
  objects.forEach(({ apiVersion, kind }) => (kinds[apiVersion] ??= []).push(kind));
  return kinds;
}

/** Services that the routes of the examples send to. */
const BACKENDS = ['shop/shop', 'shop/api', 'blog/blog', 'db/postgres', 'iot/broker', 'partners/partners', 'monitoring/grafana'].map(key => {
  const [namespace, name] = key.split('/');
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec: { ports: [{ port: 80 }] } };
});

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const SETTINGS: { readonly [file: string]: string } = {
  [FRONT_SETTINGS.migrate]: '1',
  [FRONT_SETTINGS.reuse]: '1',
  [FRONT_SETTINGS.range]: '10240 65000',
  [FRONT_SETTINGS.reserved]: '10248-10260,10443,15000-15090,30000-32767',
};

/** What probes find on nodes that are well. */
function probesOf(edge: Edge): NodeFacts[] {
  return planProbes(edge, nodesToProbe(edge, NODES).ready).map(({ node: name, number, settings, peers }) => ({
    node: name,
    interfaces: [{ name: 'eth0', mtu: 1500, state: 'up', hardwareAddress: `02:00:00:00:00:0${number}` }],
    settings: Object.fromEntries(settings.map(file => [file, SETTINGS[file] ?? (/rp_filter/.test(file) ? '1' : '100')])),
    listeners: [],
    redirected: [],
    unbound: [],
    answers: [],
    adverts: [],
    peers,
    heard: peers,
  }));
}

/** Before the manifests are applied. */
export function healthy(objects: readonly KubeObject[]): Changeable<Facts> {
  const edge = edgeOf(objects);
  const { certificates, workloads } = edge;
  const facts: Facts = {
    cluster: {
      version: 'v1.36.3',
      nodes: NODES,
      namespaces: ['default', 'istio-system', 'istio-ingress', 'shop', 'blog', 'db', 'iot', 'partners', 'monitoring'].map(namespace),
      kinds: kindsOf(objects),
      pods: [],
      istiod: [{
        apiVersion: 'v1', kind: 'Pod', metadata: { name: 'istiod-1', namespace: 'istio-system', labels: { app: 'istiod' } },
        spec: { containers: [{ name: 'discovery', image: 'docker.io/istio/pilot:1.31.1' }] }, status: ready,
      }],
      services: BACKENDS,
      workloads: [],
      policies: [],
      certificates: certificates.map(use => ({ namespace: use.namespace, secret: use.secret, pem: CERTIFICATE })),
      tried: workloads.filter(({ madeByIstiod }) => !madeByIstiod)
        .map(workload => ({ namespace: workload.namespace, workload: workload.name, images: imagesOf(workload) })),
      keepalived: [],
      connectionsLeft: [],
      clocks: NODES.map(({ metadata }) => ({ node: metadata.name, aheadSeconds: 0.4 })),
    },
    nodes: probesOf(edge),
    podsAfterProbes: [],
    now: new Date(),
  };
  // without shared parts, so that a test changes one of them only
  return { ...JSON.parse(JSON.stringify(facts)), now: facts.now };
}

/** After they are applied: every pod is ready. */
export function running(objects: readonly KubeObject[]): Changeable<Facts> {
  const edge = edgeOf(objects);
  const facts = healthy(objects);
  facts.cluster.workloads = edge.workloads.map(({ kind, namespace: home, name, template }) => ({
    apiVersion: 'apps/v1', kind, metadata: { name, namespace: home }, spec: { template, replicas: 2 },
    status: { desiredNumberScheduled: 2, updatedNumberScheduled: 2, updatedReplicas: 2 },
  }));
  facts.cluster.pods = JSON.parse(JSON.stringify(podsOf(edge)));
  facts.cluster.keepalived = edge.virtualIps.flatMap(({ workload, instances }) => ['edge-1', 'edge-2'].map((name, index) => ({
    namespace: workload.namespace,
    workload: workload.name,
    node: name,
    states: Object.fromEntries(instances.map(instance => [instance.name, index === 0 ? 'MASTER' : 'BACKUP'])),
    checks: { front: true },
  })));
  // the edge itself listens, and edge-1 answers for its addresses
  const ports = edge.workloads.flatMap(({ hostPorts }) => hostPorts);
  facts.nodes.forEach(one => (one.listeners = ports));
  const other = facts.nodes.find(one => one.node === 'edge-2');
  if (other) other.answers = edge.virtualIps.flatMap(({ addresses }) => addresses).map(address => ({ address, hardwareAddress: '02:00:00:00:00:01' }));
  return facts;
}

function podsOf({ workloads }: Edge): KubeObject[] {
  return workloads.flatMap(workload => {
    const nodes = workload.hostNetwork ? nodesFor(workload, NODES) : [NODES[2]];
    return nodes.map(({ metadata }, index) => ({
      apiVersion: 'v1', kind: 'Pod',
      metadata: { name: `${workload.name}-${index}`, namespace: workload.namespace, labels: workload.template.metadata.labels },
      spec: { ...workload.template.spec, nodeName: metadata.name },
      status: { ...ready, phase: 'Running', podIP: '10.244.3.7' },
    }));
  });
}
