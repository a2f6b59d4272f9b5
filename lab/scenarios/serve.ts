// serve: HTTP and TLS pass through every example to a gateway, and the client's address arrives where the example preserves it

import { Cluster } from '../cluster/cluster';
import { CLIENT_ADDRESS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { EXAMPLES } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario } from '../scenario';
import { LoadReport } from '../traffic/reports';

const REQUESTS = 1000;

export const serve: Scenario = {
  name: 'serve',
  title: 'HTTP and TLS through each example, the client\'s address where it is preserved',
  run: async ({ edges, profile }) => {
    const findings = new Findings('serve', profile);
    for (const one of EXAMPLES) {
      await served(await edges.use(one), findings);
    }
    return findings.results;
  },
};

/** `apply` does the same while it has the example on the cluster. */
export async function served(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { cluster, example } = edge;
  // a gateway that has just become ready is in cluster DNS, and within seconds in the front proxies
  const gateways = await servingGateways(edge);
  if (gateways > 1) await edge.balanced();
  for (const [port, flags, how] of [[80, [], 'HTTP'], [443, ['--tls'], 'TLS']] as const) {
    const seen = await requests(cluster, edge.target(port), ...flags);
    const through = example.virtual ? 'virtual IP' : 'node';
    findings.add(`${example.name}: ${how} through the ${through}, requests not answered, of ${seen.requests}`, seen.failed, 'requests', { goal: 0 });
    const named = seen.clients[CLIENT_ADDRESS.ipv4] ?? 0;
    if (example.preservesClient) {
      findings.add(`${example.name}: ${how}, answers that do not know the client's address, of ${seen.ok}`, seen.ok - named, 'answers', { goal: 0 });
    }
    const idle = gateways - Object.keys(seen.pods).length;
    findings.add(`${example.name}: ${how}, gateways that served nobody, of ${gateways}`, idle, 'pods', { goal: 0 });
  }
  if (example.name === 'adopted-gateway') await routed(edge, findings);
}

async function requests(cluster: Cluster, target: string, ...flags: string[]): Promise<LoadReport> {
  return cluster.fromClient<LoadReport>(['load', '--target', target, '--count', `${REQUESTS}`, '--workers', '8', '--duration', '30s', ...flags], 40);
}

/** On the pod network every replica gets its share, but an autoscaler may not have made the second one yet. On the host, only the node's own gateway does. */
async function servingGateways(edge: EdgeUnderTest): Promise<number> {
  const { engine, gatewayOnEachNode, name } = edge.example;
  if (engine === 'labtool' || gatewayOnEachNode) return 1;
  return name === 'adopted-gateway' ? 2 : (await edge.pods('gateway')).length;
}

/** A TLS server name that has a route goes to the other gateway. */
async function routed(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const seen = await requests(edge.cluster, edge.target(443), '--tls', '--host', 'a.partners.example.com');
  const astray = Object.entries(seen.pods).filter(([pod]) => !pod.startsWith('partner-gateway-')).reduce((sum, [, count]) => sum + count, 0);
  const criterion = `${edge.example.name}: TLS by server name, requests that failed or reached another gateway, of ${seen.requests}`;
  findings.add(criterion, seen.failed + astray, 'requests', { goal: 0 });
}
