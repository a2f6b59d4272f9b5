import { EdgeNodes, HostNetworkIngressGateway, IngressGateway, MeshEdge } from '../../src';
import type { ExposeOptions } from '../../src';
import { chartOf, messageOf, only, synth, TWO_NODES } from '../support/synth';
import type { Manifest } from '../support/synth';

const SHOP: ExposeOptions = { service: 'shop', serviceNamespace: 'shop', port: 8080 };

function exposed(then: (edge: MeshEdge) => void): Manifest[] {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES }));
  return synth(chart);
}

test('plain HTTP is one server and one route', () => {
  const manifests = exposed(edge => edge.expose('shop.example.com', SHOP));
  expect(only(manifests, 'Gateway').spec.servers).toEqual([{ hosts: ['shop.example.com'], port: { name: 'http', number: 80, protocol: 'HTTP' } }]);
  expect(only(manifests, 'VirtualService').spec).toEqual({
    gateways: ['edge-http'],
    hosts: ['shop.example.com'],
    http: [{ match: [{ uri: { prefix: '/' } }], route: [{ destination: { host: 'shop.shop.svc.cluster.local', port: { number: 8080 } } }] }],
  });
});

test('with a TLS secret HTTP is redirected to HTTPS', () =>
  expect(only(exposed(edge => edge.expose('shop.example.com', { ...SHOP, tlsSecretName: 'shop-tls' })), 'Gateway').spec.servers).toEqual([
    { hosts: ['shop.example.com'], port: { name: 'http', number: 80, protocol: 'HTTP' }, tls: { httpsRedirect: true } },
    { hosts: ['shop.example.com'], port: { name: 'https', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'shop-tls' } },
  ]));

test('both objects live beside the gateway and select its pods', () => {
  const manifests = exposed(edge => edge.expose('shop.example.com', SHOP));
  const pods = only(manifests, 'Deployment').spec.template.metadata.labels;
  expect(pods).toMatchObject(only(manifests, 'Gateway').spec.selector);
  expect([only(manifests, 'Gateway'), only(manifests, 'VirtualService')].map(manifest => manifest.metadata.namespace)).toEqual(['istio-ingress', 'istio-ingress']);
});

test('paths of one host share its objects, the longest first, and end at a slash', () => {
  const manifests = exposed(edge => {
    edge.expose('shop.example.com', SHOP);
    edge.expose('shop.example.com', { service: 'api', port: 80, pathPrefix: '/api' });
    edge.expose('shop.example.com', { service: 'v2', port: 80, pathPrefix: '/api/v2/' });
  });
  expect(only(manifests, 'VirtualService').spec.http.map((route: Manifest) => [route.match, route.route[0].destination.host])).toEqual([
    [[{ uri: { exact: '/api/v2' } }, { uri: { prefix: '/api/v2/' } }], 'v2.istio-ingress.svc.cluster.local'],
    [[{ uri: { exact: '/api' } }, { uri: { prefix: '/api/' } }], 'api.istio-ingress.svc.cluster.local'],
    [[{ uri: { prefix: '/' } }], 'shop.shop.svc.cluster.local'],
  ]);
});

test('hosts that look alike get objects of their own', () => {
  const hosts = ['a.b.example', 'a-b.example', '*.b.example', 'wildcard.b.example', 'wildcard-b.example', 'a--b.example'];
  const manifests = exposed(edge => hosts.forEach(host => edge.expose(host, SHOP)));
  expect(new Set(manifests.filter(manifest => manifest.kind === 'VirtualService').map(manifest => manifest.metadata.name)).size).toBe(hosts.length);
  expect(only(manifests, 'Gateway').spec.servers[0].hosts).toEqual(hosts);
});

test('hosts of one certificate share a Gateway, since browsers use one connection for them', () => {
  const manifests = exposed(edge => {
    edge.expose('a.example.com', { ...SHOP, tlsSecretName: 'wildcard' });
    edge.expose('b.example.com', { ...SHOP, tlsSecretName: 'wildcard' });
    edge.expose('other.example', { ...SHOP, tlsSecretName: 'other' });
  });
  expect(only(manifests, 'Gateway', 'edge-tls-wildcard').spec.servers.map((server: Manifest) => server.hosts))
    .toEqual([['a.example.com', 'b.example.com'], ['a.example.com', 'b.example.com']]);
  expect(only(manifests, 'Gateway', 'edge-tls-other').spec.servers[1].tls.credentialName).toBe('other');
  expect(only(manifests, 'VirtualService', 'edge-b-example-com').spec.gateways).toEqual(['edge-tls-wildcard']);
});

test('fails for one host through one gateway by two edges', () => {
  const chart = chartOf();
  const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
  for (const id of ['one', 'two']) {
    new MeshEdge(chart, id, { nodes: EdgeNodes.named(id), gateway }).expose('a.example', SHOP);
  }
  expect(messageOf(() => synth(chart))).toContain('[edge/two] host-twice: a.example is also exposed by edge/one, through the same gateway');
});

describe('bad input', () => {
  test.each<[string, (edge: MeshEdge) => void, string]>([
    ['a scheme in the host', edge => edge.expose('https://shop.example.com', SHOP), 'host-invalid: host has a scheme, got "https://shop.example.com"'],
    ['a port in the host', edge => edge.expose('shop.example.com:443', SHOP), 'host-invalid'],
    ['a path in the host', edge => edge.expose('shop.example.com/cart', SHOP), 'host-invalid'],
    ['an empty host', edge => edge.expose('', SHOP), 'host-invalid'],
    ['a bare wildcard', edge => edge.expose('*', SHOP), 'host-wildcard-invalid'],
    ['a wildcard in the wrong place', edge => edge.expose('shop.*.com', SHOP), 'host-wildcard-invalid'],
    ['a newline in the host', edge => edge.expose('shop\n.example.com', SHOP), 'host-invalid'],
    ['an invalid service', edge => edge.expose('a.example', { ...SHOP, service: 'shop.shop' }), 'name-invalid: service is not a DNS label, got "shop.shop"'],
    ['an invalid namespace', edge => edge.expose('a.example', { ...SHOP, serviceNamespace: 'a"b' }), 'name-invalid: serviceNamespace'],
    ['port 0', edge => edge.expose('a.example', { ...SHOP, port: 0 }), 'port-out-of-range'],
    ['an invalid secret', edge => edge.expose('a.example', { ...SHOP, tlsSecretName: 'a/b' }), 'name-invalid: tlsSecretName'],
    ['a path without slash', edge => edge.expose('a.example', { ...SHOP, pathPrefix: 'api' }), 'path-invalid: pathPrefix is not a path, got "api"'],
    ['a path with a query', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api?x' }), 'path-invalid'],
    ['a wildcard in the path', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api/*' }), 'path-invalid'],
    ['a dot segment in the path', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/a/../b' }), 'path-invalid'],
    ['a long path with a query, in no time', edge => edge.expose('a.example', { ...SHOP, pathPrefix: `/${'a'.repeat(200)}?x` }), 'path-invalid'],
    ['a host that is not set', edge => edge.expose(process.env.NO_SUCH_HOST!, SHOP), 'host-invalid: host is not a host name, got undefined'],
    ['a service that is not set', edge => edge.expose('a.example', { ...SHOP, service: process.env.NO_SUCH_SERVICE! }), 'name-invalid: service'],
    ['a path with an empty segment', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api//v2' }), 'path-invalid'],
    ['the same host and path twice', edge => {
      edge.expose('a.example', SHOP);
      edge.expose('a.example', { ...SHOP, service: 'other' });
    }, 'route-twice: a.example has this path already, got "/"'],
    ['the same path with and without its last slash', edge => {
      edge.expose('a.example', { ...SHOP, pathPrefix: '/api' });
      edge.expose('a.example', { ...SHOP, pathPrefix: '/api/' });
    }, 'route-twice'],
    ['the same host with TLS and without', edge => {
      edge.expose('a.example', { ...SHOP, tlsSecretName: 'one' });
      edge.expose('a.example', { ...SHOP, pathPrefix: '/api' });
    }, 'tls-conflict: a.example is exposed with another tlsSecretName already (one), got "none"'],
  ])('fails for %s', (_, then, expected) => expect(messageOf(() => exposed(then))).toContain(`[edge/edge] ${expected}`));

  test('fails for TLS through a gateway without 443', () => {
    const chart = chartOf();
    const gateway = new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.29.0' }, listeners: [{ port: 80, targetPort: 10_080 }] });
    const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, gateway });
    expect(messageOf(() => edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls' })))
      .toContain('gateway-port-unknown: gateway edge/gateway has no such port, which a.example needs, got 443; it has 80');
  });

  test('fails for a port of the gateway that no listener of the front proxy leads to', () => {
    const edge = new MeshEdge(chartOf(), 'edge', { nodes: TWO_NODES, frontProxyOptions: { listeners: [{ port: 443 }] } });
    expect(messageOf(() => edge.expose('a.example', SHOP)))
      .toContain('gateway-port-unreachable: no listener of edge/edge/front-envoy leads to this port of the gateway, which a.example needs, got 80');
  });

  test('leaves nothing behind', () => {
    const manifests = exposed(edge => messageOf(() => edge.expose('a.example', { ...SHOP, port: 0 })));
    expect(manifests.some(manifest => manifest.kind === 'Gateway')).toBe(false);
  });
});
