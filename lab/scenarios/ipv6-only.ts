// ipv6-only: in a cluster with only IPv6 addresses, each topology serves through the virtual IP and through each node, and gateways see the
// client's address. The virtual IP leaves a node that is lost or whose proxy is dead

import { Cluster } from '../cluster/cluster';
import { kill } from '../cluster/machine';
import { KubeObject } from '../cluster/objects';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Bound, Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { judgeAnswers } from '../traffic/answers';
import { CABLE_PULLED, Fault, PROXY_DEAD, repeat, takenOverBound } from '../traffic/faults';
import { fronts, HOST_GATEWAYS, ONE_HOST_GATEWAY, oneFront, onLoopback } from '../variants/ipv6-only';

const FAULTS: (Fault & { readonly bound: Bound })[] = [
  { ...CABLE_PULLED, bound: takenOverBound(0.2) },
  {
    // a running kubelet could restart the proxy before two checks have failed
    name: 'proxy killed, and kubelet does not restart it',
    bound: PROXY_DEAD,
    seconds: 3,
    harm: async (edge, holder) => {
      const kubelets = holder.processes('kubelet');
      const proxy = await edge.frontProcesses(holder);
      kubelets.forEach(pid => kill(pid, 'SIGSTOP'));
      proxy.forEach(pid => kill(pid));
      return async () => kubelets.forEach(pid => kill(pid, 'SIGCONT'));
    },
  },
];

export const ipv6Only: Scenario = {
  name: 'ipv6-only',
  title: 'T1 to T5 in a cluster with only IPv6: requests are served, gateways see the client, the VIP moves',
  ipFamily: 'ipv6',
  run: async context => {
    const findings = new Findings('ipv6-only', context.profile);
    const engines = context.profile.faultyFronts.map(({ engine }) => engine);
    const edges = [ONE_HOST_GATEWAY, ...engines.map(oneFront), ...engines.map(fronts), HOST_GATEWAYS, ...engines.map(onLoopback)];
    const addresses = new Set<string>();
    for (const one of edges) {
      const edge = await context.edges.useWithIstio(one);
      await judgeAnswers(edge, [...new Set([one.address, ...edge.nodes.map(({ spec }) => spec.ipv6)])], findings);
      if (one.virtual) await judgeMoves(context, edge, findings);
      (await addressesIn(context.cluster)).forEach(address => addresses.add(address));
    }
    const ipv4 = [...addresses].filter(address => !address.includes(':'));
    findings.add(`IPv4 addresses of nodes, pods and Services, of ${addresses.size}`, ipv4.length, 'addresses', { goal: 0 });
    return findings.results;
  },
};

/** Addresses of nodes, pods and Services. A headless Service has none. */
async function addressesIn(cluster: Cluster): Promise<string[]> {
  const objects = (JSON.parse(await cluster.kubectl(['get', 'nodes,pods,services', '-A', '-o', 'json'])) as { items: KubeObject[] }).items;
  return objects.flatMap(({ spec, status }) => [
    ...(spec.clusterIPs ?? []) as string[],
    ...((status.podIPs ?? []) as { ip: string }[]).map(({ ip }) => ip),
    ...((status.addresses ?? []) as { type: string; address: string }[]).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
  ]).filter(address => address !== 'None');
}

async function judgeMoves(context: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  for (const { bound, ...fault } of FAULTS) {
    const name = `${edge.example.name}, ${fault.name}`;
    const rounds = await repeat(context, edge, { ...fault, name });
    findings.spread(`${name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: bound });
    findings.add(`${name}: rounds in which the address stayed`, rounds.filter(({ moved }) => !moved).length, 'rounds', { goal: 0 });
  }
}
