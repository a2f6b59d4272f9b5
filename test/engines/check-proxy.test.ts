import { proxy } from './golden/sni-routes/model';
import { checkProxy, connectionsWithin } from '../../src/engines/check-proxy';
import type { ProxyModel, ServiceUpstream } from '../../src/engines/proxy-model';

const [http] = proxy.listeners;
const [upstream] = proxy.upstreams as ServiceUpstream[];
const local = (address: string, port = 10_080) => ({ name: upstream.name, local: { address, port }, sendProxyProtocol: true });
const codes = (changes: Partial<ProxyModel>) => checkProxy({ ...proxy, ...changes }).map(problem => problem.code);

test('accepts a model that is fine', () => expect(checkProxy(proxy)).toEqual([]));
test('accepts an upstream whose name is one letter, or has dashes inside', () =>
  expect(['a', 'a--b', '1'].flatMap(name => codes({ upstreams: [{ ...upstream, name }, ...proxy.upstreams.slice(1)] }))).toEqual([]));
test('accepts the fewest descriptors, and as many connections as fit', () => {
  expect(codes({ fileDescriptors: 1_024, maxConnections: 256 })).toEqual([]);
  expect(codes({ fileDescriptors: 2_000, maxConnections: 744 })).toEqual([]);
});

test.each<[string, Partial<ProxyModel>, string[]]>([
  ['two listeners on one port', { listeners: [http, { ...http, name: 'other' }] }, ['port-twice']],
  ['a listener on the health port', { listeners: [{ ...http, port: proxy.health.port }] }, ['port-twice']],
  ['one connection too many', { fileDescriptors: 2_000, maxConnections: 745 }, ['connections-over-file-descriptors']],
  ['an upstream with an injected host',
    { upstreams: [{ ...upstream, service: { host: 'a;b', port: 80 } }, ...proxy.upstreams.slice(1)] },
    ['upstream-invalid']],
  ...['', '-a', 'a-', 'A', 'a_b', 'a\n'].map((name): [string, Partial<ProxyModel>, string[]] => [`an upstream with the name ${JSON.stringify(name)}`,
    { upstreams: [{ ...upstream, name }, ...proxy.upstreams.slice(1)] }, ['name-invalid']]),
  ['pods on port 0', {
    upstreams: [{ ...upstream, pods: { host: 'a.b', port: 0, health: { port: 15_021, path: '/' } } }, ...proxy.upstreams.slice(1)],
  }, ['port-out-of-range']],
  ...[NaN, 0, 1e9].map((maxPods): [string, Partial<ProxyModel>, string[]] => [`${maxPods} pods`, {
    upstreams: [{ ...upstream, pods: { host: 'a.b', port: 80, maxPods, health: { port: 15_021, path: '/' } } }, ...proxy.upstreams.slice(1)],
  }, ['pods-out-of-range']]),
  ['a local upstream that is elsewhere', { upstreams: [local('192.0.2.11'), ...proxy.upstreams.slice(1)] },
    ['address-not-loopback']],
  ['a local upstream on every address', { upstreams: [local('0.0.0.0'), ...proxy.upstreams.slice(1)] },
    ['address-not-loopback']],
  ['a local upstream with a name', { upstreams: [local('localhost'), ...proxy.upstreams.slice(1)] },
    ['address-not-loopback']],
  ['a local upstream on port 0', { upstreams: [local('127.0.0.1', 0), ...proxy.upstreams.slice(1)] },
    ['port-out-of-range']],
  ['no connection for a client', { maxConnectionsPerClient: 0 }, ['connections-per-client-out-of-range']],
  ['half a connection for a client', { maxConnectionsPerClient: 1.5 }, ['connections-per-client-out-of-range']],
  ['more connections for a client than for all', { maxConnections: 10, maxConnectionsPerClient: 11 },
    ['connections-per-client-out-of-range']],
])('fails for %s', (_, changes, expected) => expect(codes(changes)).toEqual(expected));

test.each<[string, Partial<ProxyModel>, RegExp]>([
  ['two listeners', { listeners: [http, { ...http, name: 'other' }] }, /a listener .*another listener/],
  ['a listener and health', { listeners: [{ ...http, port: proxy.health.port }] }, /healthPort.*a listener/],
  ['health and metrics', { metrics: { addresses: ['0.0.0.0'], port: proxy.health.port, readers: [], refusedAt: [] } }, /metrics\.port.*healthPort/],
  ['a listener and metrics', { metrics: { addresses: ['0.0.0.0'], port: http.port, readers: [], refusedAt: [] } }, /metrics\.port.*a listener/],
])('fails for %s on one port, and names both', (_, changes, both) =>
  expect(checkProxy({ ...proxy, ...changes })).toMatchObject([{ code: 'port-twice', what: expect.stringMatching(both) }]));

test('fails with all problems together', () =>
  expect(codes({ listeners: [http, http], upstreams: [{ ...upstream, service: { host: 'a;b', port: 0 } }], maxConnections: 32_513, maxConnectionsPerClient: 0 }))
    .toEqual(['port-twice', 'upstream-invalid', 'port-out-of-range', 'connections-over-file-descriptors', 'connections-per-client-out-of-range']));

test.each([[1_024, 256], [65_536, 32_512], [600, 44], [1, 1]])('%d file descriptors carry %d connections', (descriptors, connections) =>
  expect(connectionsWithin(descriptors, 512)).toBe(connections));
