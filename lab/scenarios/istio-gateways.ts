// istio-gateways: every gateway of the library, unchanged, with a real istiod: its pods start, get their identity, open their ports
// when a Gateway asks for them, and serve

import { ISTIO_VERSION } from '../cluster/build';
import { Cluster } from '../cluster/cluster';
import { run, succeeds, until } from '../cluster/commands';
import { DEFAULT_MESH, Mesh } from '../cluster/istio-manifest';
import { keyFile } from '../cluster/keys';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, example, HA_EDGE } from '../edge/examples';
import { GatewayPod, gatewayPods, HOST_GATEWAY_RIGHTS, POD_GATEWAY_RIGHTS } from '../edge/gateway-pods';
import { Rights } from '../edge/rights';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { LoadReport } from '../traffic/reports';
import { adoptedBehind } from '../variants/adopted';
import { HOST_GATEWAY_DEPLOYMENT } from '../variants/host-gateway-deployment';
import {
  MANAGED_BEHIND_FRONT_IN_OTHER_MESH, MANAGED_DEPLOYMENT, MANAGED_IN_OTHER_MESH, MANAGED_ON_ONE_HOST, managedBehind, managedOnHosts,
} from '../variants/managed';
import { OTHER_MESH, OTHER_MESH_BEHIND_FRONT, OTHER_MESH_ON_HOST } from '../variants/other-mesh';

const IMAGE = `docker.io/istio/proxyv2:${ISTIO_VERSION}`;
const HOST = 'shop.example.com';
const PARTNERS_HOST = 'a.partners.example.com';
const PORTS = [80, 443];
const REQUESTS = 200;
const READY = { limit: 30, because: 'start of the agent, certificate, first configuration, readiness every 2 s' };
const OPENED = { limit: 5, because: 'istiod waits 0.1 s for further changes, then pushes' };

const ON_HOST = [example('host-gateways-vip'), HOST_GATEWAY_DEPLOYMENT, example('host-gateway')];
const BEHIND_FRONT = [HA_EDGE, example('front-haproxy'), example('front-nginx'), example('front-envoy')];
const MANAGED_ON_HOST = [managedOnHosts(), MANAGED_DEPLOYMENT, MANAGED_ON_ONE_HOST];
const MANAGED_BEHIND_FRONT = [managedBehind('envoy'), managedBehind('haproxy'), managedBehind('nginx')];
const ADOPTED = [example('adopted-gateway'), adoptedBehind('haproxy'), adoptedBehind('nginx')];

export const istioGateways: Scenario = {
  name: 'istio-gateways',
  title: 'real istiod: gateways on hosts, injected, adopted and deployed by istiod start, get their certificate, open their ports and serve',
  run: async context => {
    const findings = new Findings('istio-gateways', context.profile);
    // in CI, the mesh without Istio's default names is enough: it includes everything of the default mesh
    const isFull = context.profile.name === 'full';
    for (const one of isFull ? [...ON_HOST, ...MANAGED_ON_HOST] : MANAGED_ON_HOST.slice(0, 1)) {
      await hostGateways(context, one, DEFAULT_MESH, findings);
    }
    for (const one of isFull ? [...BEHIND_FRONT, ...MANAGED_BEHIND_FRONT] : MANAGED_BEHIND_FRONT.slice(0, 1)) {
      await injectedGateways(context, one, DEFAULT_MESH, findings);
    }
    for (const one of isFull ? ADOPTED : ADOPTED.slice(0, 1)) await adoptedGateways(context, one, findings);
    for (const one of isFull ? [OTHER_MESH_ON_HOST, MANAGED_IN_OTHER_MESH] : [OTHER_MESH_ON_HOST]) {
      await judgeEdgeProfile(await hostGateways(context, one, OTHER_MESH, findings), findings);
    }
    for (const one of isFull ? [OTHER_MESH_BEHIND_FRONT, MANAGED_BEHIND_FRONT_IN_OTHER_MESH] : [OTHER_MESH_BEHIND_FRONT]) {
      await judgeEdgeProfile(await injectedGateways(context, one, OTHER_MESH, findings), findings);
    }
    return findings.results;
  },
};

/** The pod that the library writes out in full. */
async function hostGateways(context: ScenarioContext, one: Example, mesh: Mesh, findings: Findings): Promise<EdgeUnderTest> {
  let before = 0;
  let opened: Promise<number> | undefined;
  const edge = await context.edges.useWithIstio(one, mesh, async applied => {
    before = (await openPorts(applied)).length;
    opened = allOpen(applied);
    opened.catch(() => undefined); // it is thrown below
  });
  findings.add(`${one.name}: ports 80 and 443 that are open before any Gateway asks for them`, before, 'ports', { goal: 0 });
  findings.add(`${one.name}: from the Gateway's creation until each node has 80 and 443 open`, await opened!, 's', OPENED);
  await judgePods(context, edge, HOST_GATEWAY_RIGHTS, findings);
  await judgeTraffic(edge, findings);
  return edge;
}

/** Here the front proxies check whether the ports open. */
async function injectedGateways(context: ScenarioContext, one: Example, mesh: Mesh, findings: Findings): Promise<EdgeUnderTest> {
  const edge = await context.edges.useWithIstio(one, mesh);
  await judgePods(context, edge, POD_GATEWAY_RIGHTS, findings);
  await judgeTraffic(edge, findings);
  return edge;
}

/** The example's own pods are only the front proxies and keepalived. */
async function adoptedGateways({ edges }: ScenarioContext, one: Example, findings: Findings): Promise<void> {
  const edge = await edges.useWithIstio(one);
  await judgeTraffic(edge, findings);
  const seen = await requests(edge.cluster, edge.target(443), '--tls', '--host', PARTNERS_HOST);
  const astray = Object.entries(seen.pods).filter(([pod]) => !pod.startsWith('api-')).reduce((sum, [, count]) => sum + count, 0);
  findings.add(`${one.name}: TLS by server name, requests that failed or reached another gateway, of ${seen.requests}`, seen.failed + astray, 'requests', { goal: 0 });
}

async function judgePods({ progress }: ScenarioContext, edge: EdgeUnderTest, rights: Rights, findings: Findings): Promise<void> {
  const { example: { name }, istio } = edge;
  const pods = await gatewayPods(edge, rights);
  const { namespace = '', name: gateway } = edge.workload('gateway').metadata;
  const identity = `spiffe://${istio!.mesh.trustDomain}/ns/${namespace}/sa/${gateway}`;
  const count = (criterion: string, wrong: GatewayPod[]) => findings.add(`${name}: ${criterion}, of ${pods.length}`, wrong.length, 'pods', { goal: 0 });
  pods.forEach(pod => progress.say(`${pod.name} on ${pod.node}: ready after ${pod.secondsToReady} s; ${pod.identities.join()}${pod.wrongRights.map(text => `; ${text}`).join('')}`));
  findings.add(`${name}: pod's creation to ready, slowest of ${pods.length}`, Math.max(...pods.map(({ secondsToReady }) => secondsToReady)), 's', READY);
  count('gateways that have restarted', pods.filter(({ restarts }) => restarts > 0));
  count(`gateways with another image than ${IMAGE}`, pods.filter(({ image }) => image !== IMAGE));
  count(`gateways without the certificate ${identity}`, pods.filter(({ identities }) => identities.join() !== identity));
  count(`gateways with a process that is not ${describe(rights)}`, pods.filter(({ wrongRights }) => wrongRights.length > 0));
  count('gateways that istiod does not call synced', await unsynced(edge, pods));
}

function describe({ uid, capabilities }: Rights): string {
  return `uid ${uid}, capabilities 0x${parseInt(capabilities, 16).toString(16)}, no_new_privs, seccomp, read-only root, cluster DNS`;
}

/** An acknowledgement can still be on its way. */
async function unsynced({ istio }: EdgeUnderTest, pods: GatewayPod[]): Promise<GatewayPod[]> {
  let left = pods;
  const ask = async () => {
    const proxies = await istio!.proxies();
    const synced = proxies.filter(({ cluster, unsynced: types }) => cluster === istio!.mesh.clusterName && types.length === 0);
    left = pods.filter(pod => !synced.some(({ name }) => name === pod.name));
    return left.length === 0;
  };
  await until('every gateway is synced', 10, ask, 500).catch(() => undefined);
  return left;
}

/** At every node: the certificate is valid, the service answers, and HTTP is redirected. */
async function judgeTraffic(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { cluster, example: { name }, nodes } = edge;
  const addresses = [...new Set([edge.example.address, ...nodes.map(({ spec }) => spec.ipv4)])];
  const verified = await Promise.all(addresses.map(address => succeeds(cluster.client.inNetwork(
    [cluster.labtool, 'get', '--ca', keyFile('ca.crt'), '--host', HOST, `https://${address}/`]))));
  findings.add(`${name}: addresses at which HTTPS fails, certificate verified, of ${addresses.length}`, verified.filter(fine => !fine).length, 'addresses', { goal: 0 });
  const secure = await requests(cluster, edge.target(443), '--tls');
  findings.add(`${name}: HTTPS requests not answered by the service, of ${secure.requests}`, secure.failed, 'requests', { goal: 0 });
  const plain = await requests(cluster, edge.target(80));
  findings.add(`${name}: HTTP requests not redirected, of ${plain.requests}`, plain.requests - (plain.failedBy['status:301'] ?? 0), 'requests', { goal: 0 });
}

/** The part of the profile's changes that one request shows. */
async function judgeEdgeProfile({ cluster, example: { name, address } }: EdgeUnderTest, findings: Findings): Promise<void> {
  const ask = async (header: string) => {
    const script = 'exec 3<>"/dev/tcp/$1/80"; printf "GET / HTTP/1.1\\r\\nHost: %s\\r\\n%s: 1\\r\\nConnection: close\\r\\n\\r\\n" "$2" "$3" >&3; timeout 5 head -n 1 <&3';
    return run(cluster.client.inNetwork(['bash', '-c', script, 'ask', address, HOST, header]), { seconds: 10 });
  };
  findings.add(`${name}: requests refused for a header without an underscore, of 1`, / 301 /.test(await ask('x-claimed')) ? 0 : 1, 'requests', { goal: 0 });
  findings.add(`${name}: requests not refused for a header with an underscore, of 1`, / 400 /.test(await ask('x_claimed')) ? 0 : 1, 'requests', { goal: 0 });
}

async function requests(cluster: Cluster, target: string, ...flags: string[]): Promise<LoadReport> {
  return cluster.fromClient<LoadReport>(['load', '--target', target, '--count', `${REQUESTS}`, '--workers', '4', '--duration', '30s', ...flags], 40);
}

async function openPorts({ cluster, nodes }: EdgeUnderTest): Promise<string[]> {
  const targets = nodes.flatMap(({ spec }) => PORTS.map(port => `${spec.ipv4}/${port}`));
  const open = await Promise.all(targets.map(target => succeeds(cluster.client.inNetwork(['bash', '-c', 'exec 3<>"/dev/tcp/$1"', 'open', target]))));
  return targets.filter((_, i) => open[i]);
}

/** Seconds from now. The Gateway is applied next. */
async function allOpen(edge: EdgeUnderTest): Promise<number> {
  const begun = Date.now();
  await until('80 and 443 are open on each node', 60, async () => (await openPorts(edge)).length === edge.nodes.length * PORTS.length, 50);
  return (Date.now() - begun) / 1000;
}
