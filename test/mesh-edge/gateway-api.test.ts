// expose() with RouteApi.GATEWAY_API
import { Duration } from 'cdk8s';
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeGateway, EdgeNodes, IngressGateway, MeshEdge, RouteApi, TlsRouteVersion } from '../../src';
import type { ExposeOptions, MeshEdgeProps } from '../../src';

const SHOP: ExposeOptions = { service: 'shop', serviceNamespace: 'shop', port: 8080 };
const OWN: ExposeOptions = { service: 'own', port: 80 };

function exposed(then: (edge: MeshEdge) => void, props: Partial<MeshEdgeProps> = {}): Manifest[] {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi: RouteApi.GATEWAY_API, ...props }));
  return synth(chart);
}

const ofKind = (manifests: Manifest[], kind: string) => manifests.filter(manifest => manifest.kind === kind);
const listenerOf = (manifests: Manifest[], gateway: string) => only(manifests, 'Gateway', gateway).spec.listeners[0];

describe('a Gateway', () => {
  test('names our Service as its one address, so that istiod deploys nothing', () => {
    const manifests = exposed(edge => edge.expose('a.example', OWN));
    expect(only(manifests, 'Gateway')).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      metadata: { name: 'edge-http', namespace: 'istio-ingress' },
      spec: {
        gatewayClassName: 'istio',
        addresses: [{ type: 'Hostname', value: 'edge-gateway.istio-ingress.svc.cluster.local' }],
        listeners: [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } }],
      },
    });
    expect(manifests.filter(({ apiVersion }) => apiVersion.includes('istio.io'))).toEqual([]);
  });

  test('names an adopted Service by its own namespace and domain', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw', namespace: 'istio-system', clusterDomain: 'k8s.example' });
    new MeshEdge(chart, 'edge', { nodes: TWO_NODES, gateway: EdgeGateway.existing(gateway), routeApi: RouteApi.GATEWAY_API }).expose('a.example', SHOP);
    expect(only(synth(chart), 'Gateway')).toMatchObject({
      metadata: { namespace: 'istio-system' }, spec: { addresses: [{ value: 'gw.istio-system.svc.k8s.example' }] },
    });
  });

  test('is for the control plane of the edge\'s revision', () => {
    const revOf = (props: Partial<MeshEdgeProps>) => only(exposed(edge => edge.expose('a.example', OWN), props), 'Gateway').metadata.labels['istio.io/rev'];
    expect(revOf({ gateway: EdgeGateway.podNetwork({ istio: { revision: 'stable' } }) })).toBe('stable');
    expect(revOf({})).toBeUndefined();
  });

  test('is for the revision that the route API names, where the gateway exists already', () => {
    const routeApi = RouteApi.gatewayApi({ revision: 'stable' });
    expect(only(exposed(edge => edge.expose('a.example', OWN), { routeApi }), 'Gateway').metadata.labels['istio.io/rev']).toBe('stable');
    expect(messageOf(() => RouteApi.gatewayApi({ revision: 'Stable' }))).toContain('name-invalid: revision');
  });

  test('has one listener, however many hosts there are', () => {
    const manifests = exposed(edge => {
      for (let index = 0; index < 100; index++) {
        edge.expose(`${index}.example.com`, { ...OWN, tlsSecretName: `tls-${index}` });
        edge.exposeTlsPassthrough(`${index}.example.org`, { ...OWN });
      }
    });
    expect(ofKind(manifests, 'Gateway').map(({ spec }) => spec.listeners.length)).toEqual(Array(102).fill(1));
  });
});

describe('a certificate', () => {
  test('of one host has a listener with its name', () =>
    expect(listenerOf(exposed(edge => edge.expose('a.example.com', { ...OWN, tlsSecretName: 'tls' })), 'edge-tls-tls')).toEqual({
      name: 'https',
      hostname: 'a.example.com',
      port: 443,
      protocol: 'HTTPS',
      tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'tls' }] },
      allowedRoutes: { namespaces: { from: 'Same' } },
    }));

  test.each<[string[], string | undefined]>([
    [['*.example.com'], '*.example.com'],
    [['a.example.com', 'b.example.com'], '*.example.com'],
    [['*.example.com', 'b.example.com'], '*.example.com'],
    [['a.b.example.com', 'c.example.com'], '*.example.com'],
    [['example.com', 'www.example.com'], '*.com'],
    [['www.example.com', 'example.com'], '*.com'],
    [['www.example.com', 'www.badexample.com'], '*.com'],
    [['a.example', 'b.example.org'], undefined],
  ])('of several hosts has one listener for all, since browsers use one connection for them: %j', (hosts, hostname) => {
    const manifests = exposed(edge => hosts.forEach(host => edge.expose(host, { ...OWN, tlsSecretName: 'tls' })));
    expect(listenerOf(manifests, 'edge-tls-tls').hostname).toBe(hostname);
    expect(ofKind(manifests, 'HTTPRoute').filter(({ spec }) => spec.parentRefs[0].name === 'edge-tls-tls').map(({ spec }) => spec.hostnames)).toEqual(hosts.map(host => [host]));
  });

  test('may have names among those of another', () =>
    expect(messageOf(() => exposed(edge => {
      edge.expose('*.example.com', { ...OWN, tlsSecretName: 'wildcard' });
      edge.expose('shop.example.com', { ...OWN, tlsSecretName: 'shop' });
      ['vault', 'registry'].forEach(name => edge.exposeTlsPassthrough(`${name}.example.com`, { ...OWN }));
    }))).toBe(''));

  test('fails where two of them would need the same listener', () =>
    expect(messageOf(() => exposed(edge => ['a', 'b', 'c', 'd'].forEach((name, index) =>
      edge.expose(`${name}.example.com`, { ...OWN, tlsSecretName: index < 2 ? 'one' : 'two' }))))).toContain(
      '[edge/edge] listener-conflict: clients of a.example.com would reach the listener *.example.com of edge/edge\'s tls-two, which has another certificate; '
      + 'give each host its own Secret'));

  test('fails where another\'s listener would answer for a host', () =>
    expect(messageOf(() => exposed(edge => {
      edge.expose('shop.example.com', { ...OWN, tlsSecretName: 'one' });
      edge.expose('shop.example.org', { ...OWN, tlsSecretName: 'one' });
      edge.exposeTlsPassthrough('*.example.com', { ...OWN });
    }))).toContain('listener-conflict: clients of shop.example.com would reach the listener *.example.com of edge/edge\'s passthrough; give each host'));

  test.each<[string, (edge: MeshEdge, host: string) => unknown, string[], string]>([
    ['passthrough', (edge, host) => edge.exposeTlsPassthrough(host, OWN), ['a.example', 'b.test'], 'clients of b.test would reach the listener * of edge/one\'s passthrough'],
    ['certificates', (edge, host) => edge.expose(host, { ...OWN, tlsSecretName: 'tls' }), ['a.example.com', 'b.example.com', 'c.example.com', 'd.example.com'],
      'clients of c.example.com would reach the listener *.example.com of edge/one\'s tls-tls, which has another certificate'],
  ])('fails for listeners of %s with one name, of two edges before one gateway', (_, expose, hosts, expected) => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
    for (const [number, id] of ['one', 'two'].entries()) {
      const edge = new MeshEdge(chart, id, { nodes: EdgeNodes.named(id), gateway: EdgeGateway.existing(gateway), routeApi: RouteApi.GATEWAY_API });
      hosts.slice(number * hosts.length / 2, (number + 1) * hosts.length / 2).forEach(host => expose(edge, host));
    }
    expect(messageOf(() => synth(chart))).toContain(`[edge/two] listener-conflict: ${expected}`);
  });

  test('fails for hosts of one certificate with nothing in common, beside passthrough, which is for every name too', () =>
    expect(messageOf(() => exposed(edge => {
      edge.expose('a.example', { ...OWN, tlsSecretName: 'one' });
      edge.expose('b.test', { ...OWN, tlsSecretName: 'one' });
      edge.exposeTlsPassthrough('vault.example.com', { ...OWN });
    }))).toContain('listener-conflict: clients of a.example would reach the listener * of edge/edge\'s passthrough'));
});

describe('an HTTPRoute', () => {
  test('says paths, the longest first, and everything that the API server would fill in', () => {
    const manifests = exposed(edge => {
      edge.expose('a.example', SHOP).addPath('/api/', { ...OWN, timeout: Duration.millis(1500) });
    });
    expect(only(manifests, 'HTTPRoute')).toMatchObject({ apiVersion: 'gateway.networking.k8s.io/v1', metadata: { name: 'edge-a-example', namespace: 'istio-ingress' } });
    expect(only(manifests, 'HTTPRoute').spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge-http', sectionName: 'http' }],
      hostnames: ['a.example'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
          backendRefs: [{ group: '', kind: 'Service', name: 'own', port: 80, weight: 1 }],
          timeouts: { request: '1s500ms' },
        },
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ group: '', kind: 'Service', name: 'shop', namespace: 'shop', port: 8080, weight: 1 }],
        },
      ],
    });
  });

  test('of a host with TLS stands beside one that redirects', () => {
    const manifests = exposed(edge => edge.expose('a.example', { ...OWN, tlsSecretName: 'tls' }));
    expect(only(manifests, 'HTTPRoute', 'edge-a-example').spec.parentRefs[0]).toMatchObject({ name: 'edge-tls-tls', sectionName: 'https' });
    expect(only(manifests, 'HTTPRoute', 'edge-a-example---redirect').spec).toMatchObject({
      parentRefs: [{ name: 'edge-http', sectionName: 'http' }],
      hostnames: ['a.example'],
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
    });
  });

  test('redirects once for all paths of a host', () =>
    expect(ofKind(exposed(edge => edge.expose('a.example', { ...OWN, tlsSecretName: 'tls' }).addPath('/a', OWN).addPath('/b', OWN)), 'HTTPRoute')
      .map(({ metadata }) => metadata.name)).toEqual(['edge-a-example', 'edge-a-example---redirect']));

  test('does not redirect when told so, and no listener is made for it', () => {
    const manifests = exposed(edge => edge.expose('a.example', { ...OWN, tlsSecretName: 'tls', httpsRedirect: false }));
    expect([...ofKind(manifests, 'Gateway'), ...ofKind(manifests, 'HTTPRoute')].map(({ metadata }) => metadata.name)).toEqual(['edge-tls-tls', 'edge-a-example']);
  });

  test('has no more than sixteen rules: there is another one for the rest', () => {
    const manifests = exposed(edge => {
      const host = edge.expose('a.example', { ...OWN, pathPrefix: '/0' });
      Array.from({ length: 32 }, (_, index) => host.addPath(`/${index + 1}`, OWN));
    });
    expect(ofKind(manifests, 'HTTPRoute').map(({ metadata, spec }) => [metadata.name, spec.rules.length]))
      .toEqual([['edge-a-example', 16], ['edge-a-example---2', 16], ['edge-a-example---3', 1]]);
  });

  test.each([[250, '250ms'], [1000, '1s'], [86_400_000, '86400s'], [86_399_999, '86399s999ms']])('writes a timeout of %d ms in at most five digits a unit', (timeout, expected) =>
    expect(only(exposed(edge => edge.expose('a.example', { ...OWN, timeout: Duration.millis(timeout) })), 'HTTPRoute').spec.rules[0].timeouts.request).toBe(expected));
});

test('passthrough is a TLSRoute, on a listener that takes every name', () => {
  const manifests = exposed(edge => edge.exposeTlsPassthrough('*.vault.example', { ...SHOP, httpsRedirect: false }));
  expect(listenerOf(manifests, 'edge-passthrough')).toEqual({
    name: 'tls', port: 443, protocol: 'TLS', tls: { mode: 'Passthrough' }, allowedRoutes: { namespaces: { from: 'Same' } },
  });
  expect(only(manifests, 'TLSRoute')).toMatchObject({
    apiVersion: 'gateway.networking.k8s.io/v1',
    spec: {
      parentRefs: [{ name: 'edge-passthrough', sectionName: 'tls' }],
      hostnames: ['*.vault.example'],
      rules: [{ backendRefs: [{ kind: 'Service', name: 'shop', namespace: 'shop', port: 8080 }] }],
    },
  });
});

describe('the version of a TLSRoute', () => {
  const ALPHA = RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 });
  const passedThrough = (edge: MeshEdge) => edge.exposeTlsPassthrough('vault.example', { ...SHOP });
  const versionsOf = (props: Partial<MeshEdgeProps>) => [...new Set(exposed(passedThrough, props).filter(({ apiVersion }) => apiVersion.includes('gateway')).map(({ kind, apiVersion }) => `${kind} ${apiVersion.split('/')[1]}`))];

  test.each([RouteApi.GATEWAY_API, RouteApi.gatewayApi(), RouteApi.gatewayApi({ tlsRouteVersion: undefined })])('is v1 unless another is named', routeApi =>
    expect(versionsOf({ routeApi })).toContain('TLSRoute v1'));
  test('is v1alpha2 where that is named, and all other kinds stay what they are', () =>
    expect(versionsOf({ routeApi: ALPHA })).toEqual(['Gateway v1', 'TLSRoute v1alpha2', 'HTTPRoute v1', 'ReferenceGrant v1beta1']));
  test('is not chosen by istio.version', () => expect(versionsOf({ gateway: EdgeGateway.podNetwork({ istio: { version: '1.30.0' } }) })).toContain('TLSRoute v1'));

  test.each([
    ['1.29.5', RouteApi.GATEWAY_API, 'got "v1"; give routeApi: RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 })'],
    ['1.30.0', ALPHA, 'got "v1alpha2"; give routeApi: RouteApi.GATEWAY_API'],
    ['2.0.0', ALPHA, 'got "v1alpha2"; give routeApi: RouteApi.GATEWAY_API'],
  ])('fails for one that Istio %s does not read', (version, routeApi, expected) =>
    expect(messageOf(() => exposed(passedThrough, { routeApi, gateway: EdgeGateway.podNetwork({ istio: { version } }) })))
      .toContain(`[edge/edge] tls-route-version-unread: exposeTlsPassthrough() needs a TLSRoute of a version that Istio ${version} reads, ${expected}`));
  test('does not matter where there is no TLSRoute', () =>
    expect(messageOf(() => exposed(edge => edge.expose('a.example', SHOP), { gateway: EdgeGateway.podNetwork({ istio: { version: '1.29.5' } }) }))).toBe(''));
  test('fails for one that there is not', () =>
    expect(messageOf(() => RouteApi.gatewayApi({ tlsRouteVersion: 'v1beta1' as TlsRouteVersion }))).toContain('value-unknown: invalid tlsRouteVersion "v1beta1"; expected v1 or v1alpha2'));
});

describe('a ReferenceGrant', () => {
  test('lets routes reach one service of another namespace', () => {
    const manifests = exposed(edge => {
      edge.expose('a.example', SHOP);
      edge.expose('b.example', SHOP);
    });
    expect(only(manifests, 'ReferenceGrant')).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      metadata: { name: 'istio-ingress.edge.shop.shop', namespace: 'shop' },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'istio-ingress' }],
        to: [{ group: '', kind: 'Service', name: 'shop' }],
      },
    });
  });

  test('has a name of its own for a service of the same name in each namespace: with a file for each resource, one would be lost', () => {
    const grants = ofKind(exposed(edge => ['a', 'b'].forEach(serviceNamespace =>
      edge.expose(`${serviceNamespace}.example`, { ...SHOP, serviceNamespace }))), 'ReferenceGrant');
    expect(grants.map(({ metadata }) => metadata.name)).toEqual(['istio-ingress.edge.a.shop', 'istio-ingress.edge.b.shop']);
  });

  test('names each kind of route that needs it', () =>
    expect(only(exposed(edge => {
      edge.expose('a.example', SHOP);
      edge.exposeTlsPassthrough('b.example', { ...SHOP });
    }), 'ReferenceGrant').spec.from.map(({ kind }: Manifest) => kind)).toEqual(['HTTPRoute', 'TLSRoute']));

  test('is not made where none is needed', () => expect(ofKind(exposed(edge => edge.expose('a.example', OWN)), 'ReferenceGrant')).toEqual([]));
});

test('child ids stay what they are', () => {
  const chart = chartOf();
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi: RouteApi.GATEWAY_API });
  const before = edge.node.children.length;
  edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls' });
  expect(edge.node.children.slice(before).flatMap(child => child.node.children).map(child => child.node.path)).toEqual([
    'edge/edge/gateway-tls-tls/Gateway',
    'edge/edge/expose-a-example/HTTPRoute',
    'edge/edge/expose-a-example/Redirect',
    'edge/edge/grant-shop.shop/ReferenceGrant',
    'edge/edge/gateway-http/Gateway',
  ]);
});

test('fails for retries, which the standard channel has not', () =>
  expect(messageOf(() => exposed(edge => edge.expose('a.example', { ...OWN, retries: { attempts: 1 } }))))
    .toContain('[edge/edge] option-unsupported: the standard channel of Gateway API has no retries; use RouteApi.ISTIO'));

test('fails for an unknown API', () =>
  expect(messageOf(() => exposed(() => undefined, { routeApi: 'ingress' as never })))
    .toContain('[edge/edge] type-wrong: invalid routeApi "ingress"; expected RouteApi.GATEWAY_API, RouteApi.ISTIO or RouteApi.gatewayApi()'));
