// serve: HTTP and TLS pass through every example to a gateway, and the client's address arrives where the example preserves it

import { CLIENT_ADDRESS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { EXAMPLES } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario } from '../scenario';
import { requests } from '../traffic/measure';

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

/** Sends requests through an edge and judges the answers. `apply` uses it too. */
export async function served(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { cluster, example } = edge;
  // front proxies learn of a new gateway some seconds after it is ready
  const gateways = await servingGateways(edge);
  if (gateways > 1) await edge.balanced();
  for (const [port, flags, how] of [[80, [], 'HTTP'], [443, ['--tls'], 'TLS']] as const) {
    const seen = await requests(cluster, edge.target(port), REQUESTS, '--workers', '8', ...flags);
    const through = example.virtual ? 'virtual IP' : 'node';
    findings.add(`${example.name}: ${how} through the ${through}, requests not answered, of ${seen.requests}`, seen.failed, 'requests', { goal: 0 });
    const named = seen.clients[CLIENT_ADDRESS.ipv4] ?? 0;
    if (example.preservesClient) {
      findings.add(`${example.name}: ${how}, answers without the client's address, of ${seen.ok}`, seen.ok - named, 'answers', { goal: 0 });
    }
    const idle = gateways - Object.keys(seen.pods).length;
    findings.add(`${example.name}: ${how}, gateways that got no request, of ${gateways}`, idle, 'pods', { goal: 0 });
  }
  if (example.name === 'adopted-gateway') await routed(edge, findings);
}

/**
 * How many gateways should get requests. On the pod network it is every replica that exists: an autoscaler may add the second one later.
 * A node with its own gateway uses only that one.
 */
async function servingGateways(edge: EdgeUnderTest): Promise<number> {
  const { engine, gatewayOnEachNode, name } = edge.example;
  if (engine === 'labtool' || gatewayOnEachNode) return 1;
  return name === 'adopted-gateway' ? 2 : (await edge.pods('gateway')).length;
}

/** One TLS server name has a route to another gateway. */
async function routed(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const seen = await requests(edge.cluster, edge.target(443), REQUESTS, '--tls', '--host', 'a.partners.example.com');
  const elsewhere = Object.entries(seen.pods).filter(([pod]) => !pod.startsWith('partner-gateway-')).reduce((sum, [, count]) => sum + count, 0);
  const criterion = `${edge.example.name}: TLS by server name, requests that failed or reached another gateway, of ${seen.requests}`;
  findings.add(criterion, seen.failed + elsewhere, 'requests', { goal: 0 });
}
