// the model of a front proxy, of which the engines write their texts
import type { Chart } from 'cdk8s';
import { chartOf, frontProps, messageOf, TWO_NODES } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, FrontHaproxy, IngressGateway, UnmatchedServerName, UpdateMode } from '../../src';
import type { FrontProxyProps, IngressGatewayFromServiceOptions } from '../../src';
import { planProxy } from '../../src/front/plan';
import type { FrontAdditions } from '../../src/front/plan';

const adopted = (chart: Chart, attributes: Partial<IngressGatewayFromServiceOptions> & { name: string }) =>
  IngressGateway.fromService(chart, `${attributes.namespace ?? 'x'}.${attributes.name}`, attributes);
function plan(change: (chart: Chart) => Partial<FrontProxyProps> = () => ({}), add: (chart: Chart) => Partial<FrontAdditions> = () => ({})) {
  const chart = chartOf();
  const props = { ...frontProps(chart), ...change(chart) };
  return planProxy(props, { routes: [], entries: [], ...add(chart) }, { name: 'edge/front', virtualAddresses: [] });
}
const route = (chart: Chart) => ({ routes: [{ serverNames: ['a.example'], gateway: adopted(chart, { name: 'other' }) }] });

describe('listeners', () => {
  test('are named after their ports, and in their order, whatever the order of the list', () => {
    const listeners = [{ port: 8443, gatewayPort: 443 }, { port: 443 }, { port: 80 }, { port: 22, gatewayPort: 80 }];
    expect(plan(() => ({ listeners })).listeners.map(({ name }) => name)).toEqual(['tcp-22', 'http', 'https', 'tcp-8443']);
    expect(plan(() => ({ listeners }))).toEqual(plan(() => ({ listeners: [...listeners].reverse() })));
  });
  test('are for IPv6 clients only if a node, an entry or the user says so', () => {
    const addresses = (props: Partial<FrontProxyProps>) => plan(() => props).listeners[0].addresses;
    expect(addresses({ nodes: TWO_NODES })).toEqual(['0.0.0.0']);
    expect(addresses({ nodes: EdgeNodes.of({ hostname: 'a', address: '2001:db8::1' }) })).toEqual(['0.0.0.0', '::']);
    expect(addresses({ nodes: TWO_NODES, ipv6: true })).toEqual(['0.0.0.0', '::']);
  });
  test('send to the gateway what no route matches, unless they are to close it', () => {
    const defaults = (unmatchedServerName: UnmatchedServerName, add?: typeof route) =>
      plan(() => ({ unmatchedServerName }), add).listeners.map(({ defaultUpstream }) => defaultUpstream);
    const [http, https] = ['edge-gateway-istio-ingress-80', 'edge-gateway-istio-ingress-443'];
    expect(defaults(UnmatchedServerName.DEFAULT_GATEWAY, route)).toStrictEqual([http, https]);
    expect(defaults(UnmatchedServerName.CLOSE, route)).toStrictEqual([http, undefined]);
    // without a route there is nothing to match
    expect(defaults(UnmatchedServerName.CLOSE)).toStrictEqual([http, https]);
  });
});

describe('upstreams', () => {
  test('are the pods on the target port of each listener, and are checked on their health port', () => {
    const host = 'edge-gateway-pods.istio-ingress.svc.cluster.local';
    const { upstreams } = plan();
    expect(upstreams.map(upstream => upstream.pods)).toMatchObject([
      { host, port: 8080, health: { port: 15_021, path: '/healthz/ready' } }, { host, port: 8443, health: { port: 15_021, path: '/healthz/ready' } },
    ]);
    expect(upstreams.map(upstream => upstream.service?.port)).toEqual([80, 443]);
  });
  test('are one for two listeners that have the same gateway port', () =>
    expect(plan(() => ({ listeners: [{ port: 443 }, { port: 8443, gatewayPort: 443 }] })).upstreams.map(({ name }) => name)).toEqual(['edge-gateway-istio-ingress-443']));
  test('whose names would be the same have numbers', () => {
    const alike = (chart: Chart) => [['a', 'b-c-d'], ['a-b', 'c-d'], ['a-b-c', 'd']].map(([name, namespace]) => adopted(chart, { name, namespace, listeners: [{ port: 443 }] }));
    const names = plan(() => ({ listeners: [{ port: 443 }] }), chart => (
      { routes: alike(chart).map((gateway, index) => ({ serverNames: [`${index}.example`], gateway })) })).upstreams.map(({ name }) => name);
    expect(names.filter(name => name.startsWith('a-'))).toEqual(['a-b-c-d-443', 'a-b-c-d-443-2', 'a-b-c-d-443-3']);
  });
});

test('a peer that is gone is noticed after two minutes, and a client that says nothing after five seconds', () =>
  expect(plan()).toMatchObject({ keepAlive: { idleSeconds: 60, intervalSeconds: 15, probes: 4 }, clientHelloTimeoutMs: 5_000 }));

test('a gateway pod that failed two checks gets connections again after one that it passed', () =>
  expect(plan().podChecks).toEqual({ intervalMs: 2_000, fall: 2, rise: 1 }));

test('the lines of the user are those of the model', () => {
  const snippets = { global: 'tune.idletimer 1000' };
  expect(plan(() => ({ configurationSnippets: snippets }))).toMatchObject({ snippets, name: 'edge/front' });
  expect(plan().snippets).toBeUndefined();
});

test('IPv4 addresses of an entry are served without IPv6', () => {
  const chart = chartOf();
  const front = new FrontHaproxy(chart, 'front', { ...frontProps(chart), ipv6: false });
  expect(messageOf(() => front.addEntry({ name: 'inside', addresses: ['192.0.2.101'], gateway: new IngressGateway(chart, 'inside') }))).toBe('');
});
test('fails for a route whose gateway lacks the port of one of several TLS listeners', () => {
  const chart = chartOf();
  const own = adopted(chart, { name: 'own', listeners: [{ port: 443 }, { port: 8443 }] });
  const front = new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway: own, listeners: [{ port: 443 }, { port: 8443, tls: true }] });
  expect(messageOf(() => front.addRoute({ serverNames: ['a.example'], gateway: adopted(chart, { name: 'partner', listeners: [{ port: 443 }] }) })))
    .toContain('gateway-port-unknown: gateway edge/x.partner has no listener with this port, got 8443');
});
test('a DaemonSet can be hitless, and says so', () =>
  expect(messageOf(() => {
    const chart = chartOf();
    new FrontEnvoy(chart, 'front', { ...frontProps(chart), updateMode: UpdateMode.HITLESS });
  })).toBe(''));
