import { STATUS_CODES } from 'http';
import { App, Chart, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, HostNetworkIngressGateway, IngressGateway, MeshEdge, RouteApi } from '../../src';
import type { ExposeOptions, IIngressGateway, IngressGatewayConfig, TlsPassthroughOptions } from '../../src';

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

/** All requests of port 80, unless another object has a route that is more specific. */
const REDIRECT = { match: [{ port: 80, uri: { prefix: '/' } }], redirect: { scheme: 'https', redirectCode: 301 } };

test('with a TLS secret HTTP is redirected to HTTPS, by a route that leaves ACME challenges to their solver', () => {
  const manifests = exposed(edge => edge.expose('shop.example.com', { ...SHOP, tlsSecretName: 'shop-tls' }));
  expect(only(manifests, 'VirtualService').spec.http).toEqual([REDIRECT, expect.objectContaining({ match: [{ uri: { prefix: '/' } }] })]);
  expect(only(manifests, 'Gateway').spec.servers).toEqual([
    { hosts: ['shop.example.com'], port: { name: 'http', number: 80, protocol: 'HTTP' } },
    { hosts: ['shop.example.com'], port: { name: 'https', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'shop-tls' } },
  ]);
});

test('both objects live beside the gateway and select its pods', () => {
  const manifests = exposed(edge => edge.expose('shop.example.com', SHOP));
  const pods = only(manifests, 'Deployment').spec.template.metadata.labels;
  expect(pods).toMatchObject(only(manifests, 'Gateway').spec.selector);
  expect([only(manifests, 'Gateway'), only(manifests, 'VirtualService')].map(manifest => manifest.metadata.namespace)).toEqual(['istio-ingress', 'istio-ingress']);
});

test('paths of one host share its objects, the longest first, and end at a slash', () => {
  const manifests = exposed(edge => {
    edge.expose('shop.example.com', SHOP).addPath('/api', { service: 'api', port: 80 }).addPath('/api/v2/', { service: 'v2', port: 80 });
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
  expect(only(manifests, 'Gateway').spec.servers[0].hosts).toEqual(hosts.filter(host => !/^(a|wildcard)\.b\./.test(host))); // *.b.example covers two
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
    new MeshEdge(chart, id, { nodes: EdgeNodes.named(id), gateway: EdgeGateway.existing(gateway) }).expose('a.example', SHOP);
  }
  expect(messageOf(() => synth(chart))).toContain('[edge/two] host-twice: host is also exposed by edge/one through the same gateway, got "a.example"');
});

test.each([['Istio\'s API', RouteApi.ISTIO], ['Gateway API', RouteApi.GATEWAY_API]])('fails for one host through one gateway that was adopted twice (%s)', (_, routeApi) => {
  const chart = chartOf();
  for (const id of ['one', 'two']) {
    const gateway = IngressGateway.fromService(chart, `adopted-${id}`, { name: 'gw' });
    new MeshEdge(chart, id, { nodes: EdgeNodes.named(id), gateway: EdgeGateway.existing(gateway), routeApi }).expose('a.example', SHOP);
  }
  expect(messageOf(() => synth(chart))).toContain('[edge/two] host-twice: host is also exposed by edge/one through the same gateway, got "a.example"');
});

test('a Gateway named after a Secret with dots has the one label that istiod wants', () => {
  const manifests = exposed(edge => ['shop.example.com', 'shop-example.com', 'a'.repeat(60)].forEach((tlsSecretName, index) =>
    edge.expose(`${index}.example.com`, { ...SHOP, tlsSecretName })));
  const names = manifests.filter(({ kind }) => kind === 'Gateway').map(({ metadata }) => metadata.name);
  expect(names).toEqual([
    expect.stringMatching(/^edge-tls-shop-example-com-[0-9a-f]{8}$/), expect.stringMatching(/^edge-tls-shop-example-com-[0-9a-f]{8}$/), expect.stringMatching(/^edge-tls-a{45}-[0-9a-f]{8}$/),
  ]);
  expect(new Set(names).size).toBe(3);
  expect(manifests.filter(({ kind }) => kind === 'VirtualService').map(({ spec }) => spec.gateways)).toEqual(names.map(name => [name]));
});

test('a Gateway of one\'s own needs the public selector, and nothing else', () => {
  const chart = chartOf();
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES });
  expect(edge.gateway.selector).toEqual({
    'app.kubernetes.io/name': 'istio-ingress-gateway', 'app.kubernetes.io/instance': 'edge-gateway',
    'istio': 'edge-gateway', 'cdk8s-istio-edge/namespace': 'istio-ingress',
  });
  expect(only(synth(chart), 'Deployment').spec.template.metadata.labels).toMatchObject(edge.gateway.selector);
});

test('a gateway of the same name in another namespace is not selected', () => {
  const selectorIn = (namespace: string) => new MeshEdge(new Chart(new App(), 'edge', { namespace }), 'edge', { nodes: TWO_NODES }).gateway.selector;
  expect(selectorIn('public')).not.toEqual(selectorIn('internal'));
});

test('names of the longest hosts fit what the API server takes', () => {
  const host = `${'a23456789-'.repeat(6)}.`.repeat(4).replace(/-\./g, '.').concat('example');
  const chart = new Chart(new App(), `chart-of-${'x'.repeat(30)}`, { namespace: 'istio-ingress' });
  new MeshEdge(chart, `edge-of-${'y'.repeat(30)}`, { nodes: TWO_NODES, routeApi: RouteApi.GATEWAY_API }).expose(host, { ...SHOP, tlsSecretName: 'tls' });
  const names = synth(chart).map(({ metadata }) => metadata.name as string);
  expect(host.length).toBeGreaterThan(240);
  expect(names.filter(name => name.length > 200)).toHaveLength(2);
  expect(names.filter(name => name.length > 253)).toEqual([]);
});

test('every status code that has a name can be a reason to try again', () => {
  const withName = Object.keys(STATUS_CODES).filter(code => code !== '509'); // Go, which istiod asks, does not know this one
  const all = Array.from({ length: 500 }, (_, index) => String(index + 100));
  const taken = all.filter(code => messageOf(() => exposed(edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 1, retryOn: [code] } }))) === '');
  expect(taken).toEqual(withName);
});

describe('TLS passthrough', () => {
  const VAULT: TlsPassthroughOptions = { service: 'vault', serviceNamespace: 'vault', port: 8200 };

  test('goes to the service by server name, and HTTP is redirected', () => {
    const manifests = exposed(edge => edge.exposeTlsPassthrough('vault.example.com', VAULT));
    expect(only(manifests, 'Gateway', 'edge-passthrough').spec.servers).toEqual([
      { hosts: ['vault.example.com'], port: { name: 'http', number: 80, protocol: 'HTTP' } },
      { hosts: ['vault.example.com'], port: { name: 'tls', number: 443, protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' } },
    ]);
    expect(only(manifests, 'VirtualService').spec).toEqual({
      hosts: ['vault.example.com'],
      gateways: ['edge-passthrough'],
      http: [REDIRECT],
      tls: [{ match: [{ sniHosts: ['vault.example.com'] }], route: [{ destination: { host: 'vault.vault.svc.cluster.local', port: { number: 8200 } } }] }],
    });
  });

  test('of a wildcard stands beside a name below it whose TLS ends at the gateway', () => {
    const manifests = exposed(edge => {
      edge.exposeTlsPassthrough('*.example.com', VAULT);
      edge.expose('shop.example.com', { ...SHOP, tlsSecretName: 'shop-tls' });
    });
    expect(only(manifests, 'VirtualService', 'edge-wildcard---example-com').spec.tls[0].match).toEqual([{ sniHosts: ['*.example.com'] }]);
    expect(only(manifests, 'Gateway', 'edge-tls-shop-tls').spec.servers[1].hosts).toEqual(['shop.example.com']);
  });
});

test('a Gateway does not name a host that a wildcard of the same Gateway covers: the wildcard\'s routes would come first', () => {
  const manifests = exposed(edge => ['b.example.com', '*.example.com', '*.deep.example.com', 'example.com', 'b.example.org']
    .forEach(host => edge.expose(host, { ...SHOP, tlsSecretName: 'tls' })));
  const expected = ['*.example.com', 'example.com', 'b.example.org'];
  expect(only(manifests, 'Gateway').spec.servers.map((server: Manifest) => server.hosts)).toEqual([expected, expected]);
  expect(manifests.filter(({ kind }) => kind === 'VirtualService').flatMap(({ spec }) => spec.hosts)).toHaveLength(5);
});

describe('without a redirect', () => {
  test('no route redirects', () => {
    const manifests = exposed(edge => {
      edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls', httpsRedirect: false });
      edge.exposeTlsPassthrough('b.example', { service: 'b', port: 443, httpsRedirect: false });
      edge.expose('c.example', SHOP);
    });
    const routes = manifests.filter(({ kind }) => kind === 'VirtualService').flatMap(({ spec }) => spec.http ?? []);
    expect(routes.filter((route: Manifest) => route.redirect)).toEqual([]);
  });

  test('the host is not opened on port 80', () =>
    expect(only(exposed(edge => edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls', httpsRedirect: false })), 'Gateway').spec.servers)
      .toEqual([{ hosts: ['a.example'], port: { name: 'https', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'tls' } }]));

  test('the routes are for port 443 only, because a wildcard of the same Gateway may open port 80', () => {
    const manifests = exposed(edge => {
      edge.expose('*.example', { ...SHOP, tlsSecretName: 'tls' });
      edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls', httpsRedirect: false }).addPath('/api', SHOP);
    });
    const { http } = only(manifests, 'VirtualService', 'edge-a-example').spec;
    expect(http.map(({ match }: Manifest) => match)).toEqual([
      [{ port: 443, uri: { exact: '/api' } }, { port: 443, uri: { prefix: '/api/' } }], [{ port: 443, uri: { prefix: '/' } }],
    ]);
  });

  test('other hosts of the certificate keep theirs', () => {
    const manifests = exposed(edge => {
      edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls', httpsRedirect: false });
      edge.expose('b.example', { ...SHOP, tlsSecretName: 'tls' });
    });
    expect(only(manifests, 'Gateway').spec.servers.map((server: Manifest) => server.hosts)).toEqual([['b.example'], ['a.example', 'b.example']]);
  });

  test('no port 80 is needed', () => {
    const edge = new MeshEdge(chartOf(), 'edge', { nodes: TWO_NODES, frontProxy: EdgeFrontProxy.envoy({ listeners: [{ port: 443 }] }) });
    expect(messageOf(() => edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls', httpsRedirect: false }))).toBe('');
  });
});

describe('timeouts and retries', () => {
  const routeOf = (options: Partial<ExposeOptions>) => only(exposed(edge => edge.expose('a.example', { ...SHOP, ...options })), 'VirtualService').spec.http[0];

  test('are Istio\'s own unless given', () => expect(Object.keys(routeOf({}))).toEqual(['match', 'route']));
  test.each([[Duration.seconds(30), '30s'], [Duration.millis(1), '0.001s'], [Duration.millis(1500), '1.5s'], [Duration.hours(24), '86400s']])(
    'a timeout is written in seconds, as protobuf has them: %s', (timeout, expected) => expect(routeOf({ timeout }).timeout).toBe(expected));
  test('retries are written as given', () =>
    expect(routeOf({ timeout: Duration.seconds(10), retries: { attempts: 3, perTryTimeout: Duration.seconds(2), retryOn: ['connect-failure', '503'] } }))
      .toMatchObject({ timeout: '10s', retries: { attempts: 3, perTryTimeout: '2s', retryOn: 'connect-failure,503' } }));
  test('no attempts switch Istio\'s retries off', () => expect(routeOf({ retries: { attempts: 0 } }).retries).toEqual({ attempts: 0 }));
  test('belong to their path', () => {
    const manifests = exposed(edge => {
      edge.expose('a.example', SHOP).addPath('/slow', { ...SHOP, timeout: Duration.minutes(5) });
    });
    expect(only(manifests, 'VirtualService').spec.http.map((route: Manifest) => route.timeout)).toEqual(['300s', undefined]);
  });
});

/** A gateway behind a front proxy of the same node, as far as routes are concerned. */
class LoopbackGateway extends Construct implements IIngressGateway {
  public readonly selector = { istio: 'loopback' };

  public toIngressGatewayConfig(): IngressGatewayConfig {
    return {
      serviceName: 'gw', namespace: 'istio-ingress', clusterDomain: 'cluster.local', listeners: [{ port: 80 }, { port: 443 }], receivesProxyProtocol: false, bindAddress: '127.0.0.1',
    };
  }
}

test('a gateway on one address gets its servers bound to it', () => {
  const chart = chartOf();
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, gateway: EdgeGateway.existing(new LoopbackGateway(chart, 'gateway')) });
  edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls' });
  expect(only(synth(chart), 'Gateway').spec.servers.map((server: Manifest) => server.bind)).toEqual(['127.0.0.1', '127.0.0.1']);
});

test('fails for a gateway on one address with Gateway API, which cannot say it', () => {
  const chart = chartOf();
  const gateway = new LoopbackGateway(chart, 'gateway');
  expect(messageOf(() => new MeshEdge(chart, 'edge', { nodes: TWO_NODES, gateway: EdgeGateway.existing(gateway), routeApi: RouteApi.GATEWAY_API })))
    .toContain('[edge/edge] bind-unsupported: gateway edge/gateway listens on one address, and Gateway API has no field for that, got "127.0.0.1"; use RouteApi.ISTIO');
});

describe('bad input', () => {
  test.each<[string, (edge: MeshEdge) => void, string]>([
    ['a scheme in the host', edge => edge.expose('https://shop.example.com', SHOP), 'host-invalid: host has a scheme, got "https://shop.example.com"'],
    ['a port in the host', edge => edge.expose('shop.example.com:443', SHOP), 'host-invalid'],
    ['a path in the host', edge => edge.expose('shop.example.com/cart', SHOP), 'host-invalid'],
    ['a short name', edge => edge.expose('shop', SHOP), 'host-invalid: istiod refuses a host that is a short name or ends in a number, got "shop"'],
    ['a name that ends in a number', edge => edge.expose('shop.10', SHOP), 'host-invalid: istiod refuses a host that is a short name'],
    ['a longer name that ends in a number', edge => edge.expose('shop.example.10', SHOP), 'host-invalid: istiod refuses a host that is a short name'],
    ['a path longer than Gateway API takes', edge => edge.expose('a.example', { ...SHOP, pathPrefix: `/${'a'.repeat(1024)}` }), 'path-invalid'],
    ['a limit of no attempts', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 0, perTryTimeout: Duration.seconds(1) } }), 'option-unused: retries.perTryTimeout'],
    ['an empty host', edge => edge.expose('', SHOP), 'host-invalid'],
    ['a bare wildcard whose TLS passes through', edge => edge.exposeTlsPassthrough('*', SHOP), 'host-wildcard-invalid'],
    ['a wildcard in the wrong place', edge => edge.expose('shop.*.com', SHOP), 'host-wildcard-invalid'],
    ['a newline in the host', edge => edge.expose('shop\n.example.com', SHOP), 'host-invalid'],
    ['an invalid service', edge => edge.expose('a.example', { ...SHOP, service: 'shop.shop' }), 'name-invalid: service is not a DNS label, got "shop.shop"'],
    ['an invalid namespace', edge => edge.expose('a.example', { ...SHOP, serviceNamespace: 'a"b' }), 'name-invalid: serviceNamespace'],
    ['port 0', edge => edge.expose('a.example', { ...SHOP, port: 0 }), 'port-out-of-range'],
    ['an invalid secret', edge => edge.expose('a.example', { ...SHOP, tlsSecretName: 'A' }), 'name-invalid: tlsSecretName'],
    ['a secret of another namespace', edge => edge.expose('a.example', { ...SHOP, tlsSecretName: 'shop/tls' }),
      'tls-secret-namespace: tlsSecretName contains a namespace, got "shop/tls"; give the name alone, and create the Secret in istio-ingress'],
    ['a path without slash', edge => edge.expose('a.example', { ...SHOP, pathPrefix: 'api' }), 'path-invalid: pathPrefix is not a path, got "api"'],
    ['a path with a query', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api?x' }), 'path-invalid'],
    ['a wildcard in the path', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api/*' }), 'path-invalid'],
    ['a dot segment in the path', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/a/../b' }), 'path-invalid'],
    ['a long path with a query, in no time', edge => edge.expose('a.example', { ...SHOP, pathPrefix: `/${'a'.repeat(200)}?x` }), 'path-invalid'],
    ['a host that is not set', edge => edge.expose(process.env.NO_SUCH_HOST!, SHOP), 'option-missing: host is missing; expected a string'],
    ['a service that is not set', edge => edge.expose('a.example', { ...SHOP, service: process.env.NO_SUCH_SERVICE! }), 'option-missing: service is missing; expected a string'],
    ['a path with an empty segment', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api//v2' }), 'path-invalid'],
    ['the same host twice', edge => {
      edge.expose('a.example', SHOP);
      edge.expose('a.example', { ...SHOP, pathPrefix: '/api' });
    }, 'host-twice: a.example is exposed already; call expose() once for each host, and add paths with addPath() on its result'],
    ['the same path twice', edge => edge.expose('a.example', SHOP).addPath('/', { ...SHOP, service: 'other' }), 'route-twice: a.example has this path already, got "/"'],
    ['the same path with and without its last slash', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '/api' }).addPath('/api/', SHOP), 'route-twice'],
    ['one of several paths twice', edge => edge.expose('a.example', SHOP).addPath('/api', SHOP).addPath('/', SHOP), 'route-twice: a.example has this path already, got "/"'],
    ['no path', edge => edge.expose('a.example', { ...SHOP, pathPrefix: '' }), 'path-invalid: pathPrefix is not a path, got ""'],
    ['an added path without slash', edge => edge.expose('a.example', SHOP).addPath('api', SHOP), 'path-invalid: pathPrefix is not a path, got "api"'],
    ['a service of an added path that is no name', edge => edge.expose('a.example', SHOP).addPath('/api', { ...SHOP, service: 'A' }), 'name-invalid: service'],
    ['a port of an added path that is none', edge => edge.expose('a.example', SHOP).addPath('/api', { ...SHOP, port: 0 }), 'port-out-of-range'],
    ['a timeout of an added path that is zero', edge => edge.expose('a.example', SHOP).addPath('/api', { ...SHOP, timeout: Duration.seconds(0) }), 'duration-out-of-range'],
    ['passthrough with a secret', edge => edge.exposeTlsPassthrough('a.example', { ...SHOP, tlsSecretName: 'tls' } as TlsPassthroughOptions), 'option-unknown: unknown option tlsSecretName'],
    ['passthrough with a path', edge => edge.exposeTlsPassthrough('a.example', { ...SHOP, pathPrefix: '/api' } as TlsPassthroughOptions), 'option-unknown: unknown option pathPrefix'],
    ['passthrough with a timeout', edge => edge.exposeTlsPassthrough('a.example', { ...SHOP, timeout: Duration.seconds(1) } as TlsPassthroughOptions), 'option-unknown: unknown option timeout'],
    ['passthrough with retries', edge => edge.exposeTlsPassthrough('a.example', { ...SHOP, retries: { attempts: 1 } } as TlsPassthroughOptions), 'option-unknown: unknown option retries'],
    ['passthrough of a host that is exposed already', edge => { edge.expose('a.example', SHOP); edge.exposeTlsPassthrough('a.example', SHOP); }, 'host-twice'],
    ['passthrough to a service that is no name', edge => edge.exposeTlsPassthrough('a.example', { ...SHOP, service: 'A' }), 'name-invalid: service'],
    ['a redirect to nowhere', edge => edge.expose('a.example', { ...SHOP, httpsRedirect: true }), 'option-unused: httpsRedirect has no effect, because a.example has no TLS'],
    ['a timeout of zero', edge => edge.expose('a.example', { ...SHOP, timeout: Duration.seconds(0) }), 'duration-out-of-range: timeout is out of range, got "0 s"'],
    ['a timeout that is no Duration', edge => edge.expose('a.example', { ...SHOP, timeout: 30 as unknown as Duration }), 'type-wrong: invalid timeout 30; expected Duration.days(), '],
    ['negative attempts', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: -1 } }), 'retries-out-of-range: retries.attempts is out of range, got -1'],
    ['conditions of no attempts', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 0, retryOn: ['503'] } }), 'option-unused: retries.perTryTimeout and retries.retryOn have no effect if retries.attempts is 0'],
    ['an unknown condition', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 1, retryOn: ['5xx,reset'] } }), 'retry-condition-unknown'],
    ['a status code without a name', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 1, retryOn: ['520'] } }), 'retry-condition-unknown'],
    ['a condition that is listed twice', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 1, retryOn: ['5xx', '5xx'] } }),
      'retry-condition-twice: retries.retryOn must not repeat a value, got "5xx"'],
    ['no condition', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 1, retryOn: [] } }), 'list-empty: retries.retryOn must not be empty'],
    ['an attempt that may take too long', edge => edge.expose('a.example', { ...SHOP, retries: { attempts: 1, perTryTimeout: Duration.hours(25) } }),
      'duration-out-of-range: retries.perTryTimeout'],
    ['an attempt longer than all of them', edge =>
      edge.expose('a.example', { ...SHOP, timeout: Duration.seconds(1), retries: { attempts: 1, perTryTimeout: Duration.seconds(2) } }), 'timeout-conflict'],
  ])('fails for %s', (_, then, expected) => expect(messageOf(() => exposed(then))).toContain(`[edge/edge] ${expected}`));

  test.each<[string, ExposeOptions]>([
    ['shop.example.1a', SHOP],
    ['a.example', { ...SHOP, pathPrefix: `/${'a'.repeat(1023)}` }],
    ['a.example', { ...SHOP, timeout: Duration.seconds(2), retries: { attempts: 1, perTryTimeout: Duration.seconds(2) } }],
  ])('takes %s with %j', (host, options) => expect(messageOf(() => exposed(edge => edge.expose(host, options)))).toBe(''));

  test.each<[string, string, Partial<ExposeOptions>, string]>([
    ['a host that is none', '', {}, 'host-invalid'],
    ['a timeout of zero, with which no other one can be compared', 'a.example', { timeout: Duration.seconds(0), retries: { attempts: 1, perTryTimeout: Duration.seconds(2) } }, 'duration-out-of-range'],
    ['an attempt that is too long, which cannot be compared', 'a.example', { timeout: Duration.seconds(1), retries: { attempts: 1, perTryTimeout: Duration.hours(25) } }, 'duration-out-of-range'],
  ])('fails once for %s', (_, host, options, code) =>
    expect(messageOf(() => exposed(edge => edge.expose(host, { ...SHOP, ...options }))).split('\n')).toEqual([expect.stringContaining(`[edge/edge] ${code}: `)]));

  test('fails for TLS through a gateway without 443', () => {
    const chart = chartOf();
    const gateway = new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' }, listeners: [{ port: 80, targetPort: 10_080 }] });
    const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, gateway: EdgeGateway.existing(gateway) });
    expect(messageOf(() => edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls' })))
      .toContain('gateway-port-unknown: gateway edge/gateway has no listener with the port that a.example needs, got 443; add a listener with this port to the gateway, which has 80');
  });

  test('fails for a port of the gateway that no listener of the front proxy leads to', () => {
    const edge = new MeshEdge(chartOf(), 'edge', { nodes: TWO_NODES, frontProxy: EdgeFrontProxy.envoy({ listeners: [{ port: 443 }] }) });
    expect(messageOf(() => edge.expose('a.example', SHOP)))
      .toContain('gateway-port-unreachable: no listener of edge/edge/front-envoy forwards to the gateway port that a.example needs, got 80');
  });

  test('one host may be served through gateways of two namespaces', () => {
    const chart = chartOf();
    for (const id of ['one', 'two']) {
      const gateway = IngressGateway.fromService(chart, `gateway-${id}`, { name: 'gw', namespace: id });
      new MeshEdge(chart, id, { nodes: EdgeNodes.named(id), gateway: EdgeGateway.existing(gateway) }).expose('a.example', SHOP);
    }
    expect(messageOf(() => synth(chart))).toBe('');
  });

  test('leaves nothing behind', () => {
    const manifests = exposed(edge => messageOf(() => edge.expose('a.example', { ...SHOP, port: 0 })));
    expect(manifests.some(manifest => manifest.kind === 'Gateway')).toBe(false);
  });
});
