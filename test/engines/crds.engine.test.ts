// everything that expose() can write, and the routes of the examples, judged by the CRDs of Istio, Gateway API and cert-manager
import { existsSync, readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { Duration } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { describeCrds } from './crds';
import type { CrdSet } from './crds';
import { chartOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeCertificate, EdgeGateway, MeshEdge, RouteApi, TcpRouteVersion, TlsRouteVersion } from '../../src';
import type { ExposeOptions } from '../../src';

const SHOP: ExposeOptions = { service: 'shop', serviceNamespace: 'shop', port: 8080 };

/** Everything that both APIs can say. */
function routesOf(routeApi: RouteApi, then?: (edge: MeshEdge) => void): Manifest[] {
  const chart = chartOf();
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi, gateway: EdgeGateway.podNetwork({ istio: { revision: 'stable' } }) });
  const shop = edge.expose('shop.example.com', { ...SHOP, tlsSecretName: 'shop.example.com', timeout: Duration.millis(1500) });
  Array.from({ length: 20 }, (_, index) => shop.addPath(`/it's~/${index};a=b@c,d!$&()+:`, SHOP));
  edge.expose('*.shop.example.com', { ...SHOP, tlsSecretName: 'wildcard', httpsRedirect: false });
  edge.expose('*.example.org', { ...SHOP, service: 'own', serviceNamespace: undefined, timeout: Duration.hours(24) });
  edge.expose(`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example`, SHOP);
  edge.expose('rewritten.example.com', { ...SHOP, pathPrefix: '/api', rewritePrefix: '/' }).addPath('/v2', { ...SHOP, rewritePrefix: '/v1' });
  edge.expose('https.example.com', { ...SHOP, service: 'own-tls', backendTls: { serverName: 'own-tls.shop.svc' } });
  edge.expose('own-ca.example.com', {
    ...SHOP, service: 'own-ca', backendTls: { serverName: 'own-ca.shop.svc', ...(routeApi === RouteApi.ISTIO ? { caSecretName: 'ca' } : { caConfigMapName: 'ca' }) },
  });
  edge.expose('mutual.example.com', { ...SHOP, tlsSecretName: 'mutual', clientCaSecretName: 'clients' });
  then?.(edge);
  return routes(synth(chart));
}

const routes = (manifests: Manifest[]) => manifests.filter(({ apiVersion }) => /^(networking\.istio\.io|gateway\.networking\.k8s\.io)\//.test(apiVersion));
const passthrough = (edge: MeshEdge) => edge.exposeTlsPassthrough('vault.example.com', { ...SHOP });

/** TLS that passes through, and TLS that ends at the gateway. */
function tcp(edge: MeshEdge): void {
  edge.exposeTcp(5432, { service: 'postgres', serviceNamespace: 'db', port: 5432 });
  edge.exposeTcp(8883, { ...SHOP, serverName: 'mqtt.example.com' });
  edge.exposeTcp(8883, { ...SHOP, serverName: `*.${'a'.repeat(63)}.${'b'.repeat(63)}.example`, tlsSecretName: 'mqtt.example.com' });
}

describe.each<CrdSet>(['istio', 'istio-1.32'])('the API of Istio', set => describeCrds(set, verdict => {
  const manifests = routesOf(RouteApi.ISTIO, edge => {
    passthrough(edge);
    tcp(edge);
    edge.expose('retried.example.com', {
      ...SHOP, retries: { attempts: 3, perTryTimeout: Duration.millis(250), retryOn: ['5xx', '429'] },
    });
  });

  test.each(manifests.map(manifest => [`${manifest.kind} ${manifest.metadata.name}`, manifest]))('%s is as described', (_, manifest) =>
    expect(verdict(manifest)).toEqual([]));

  test('find a field that is not theirs', () => {
    const manifest = structuredClone(only(manifests, 'VirtualService', 'edge-shop-example-com'));
    manifest.spec.http[0].timeouts = '1s';
    expect(verdict(manifest)).toEqual(['/spec/http/0 must NOT have additional properties {"additionalProperty":"timeouts"}']);
  });

  const folder = join(__dirname, '..', '..', 'examples');
  const examples = readdirSync(folder).map(name => join(folder, name, 'dist', 'edge.k8s.yaml')).filter(file => existsSync(file));
  test.each(examples)('describe the routes of %s', file => {
    const objects = parseAllDocuments(readFileSync(file, 'utf8')).map(document => document.toJS());
    expect(routes(objects).filter(({ apiVersion }) => apiVersion.includes('istio.io')).flatMap(verdict)).toEqual([]);
  });
}));

const ALPHA = RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2, tcpRouteVersion: TcpRouteVersion.V1ALPHA2 });

/** What each release of Gateway API serves, and the version of TLSRoute that it does not. */
const RELEASES: [CrdSet, RouteApi, RouteApi, string][] = [
  ['gateway-api-1.6-standard', RouteApi.GATEWAY_API, ALPHA, 'v1alpha2'],
  ['gateway-api-1.5-standard', RouteApi.GATEWAY_API, ALPHA, 'v1alpha2'],
  ['gateway-api-1.4-experimental', ALPHA, RouteApi.GATEWAY_API, 'v1'],
];

for (const [set, served, unserved, version] of RELEASES) {
  describeCrds(set, verdict => {
    const manifests = routesOf(served, passthrough);

    test.each(manifests.map(manifest => [`${manifest.kind} ${manifest.metadata.name}`, manifest]))('%s is as described', (_, manifest) =>
      expect(verdict(manifest)).toEqual([]));

    test('find a value that is too long', () => {
      const manifest = structuredClone(only(manifests, 'HTTPRoute', 'edge-shop-example-com'));
      manifest.spec.rules.push(manifest.spec.rules[0]);
      expect(verdict(manifest).join()).toContain('/spec/rules must NOT have more than 16 items');
    });
    test(`do not serve TLSRoute ${version}`, () =>
      expect(routesOf(unserved, passthrough).flatMap(verdict)).toEqual([`no CRD for gateway.networking.k8s.io/${version} TLSRoute`]));
  });
}

/** What each release of Gateway API serves of TCPRoute, and what it does not. */
const TCP_RELEASES: [CrdSet, RouteApi, RouteApi, string][] = [
  ['gateway-api-1.6-standard', RouteApi.GATEWAY_API, RouteApi.gatewayApi({ tcpRouteVersion: TcpRouteVersion.V1ALPHA2 }), 'v1alpha2'],
  ['gateway-api-1.4-experimental', ALPHA, RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 }), 'v1'],
];

for (const [set, served, unserved, version] of TCP_RELEASES) {
  describeCrds(set, verdict => {
    test.each(routesOf(served, tcp).map(manifest => [`${manifest.kind} ${manifest.metadata.name}`, manifest]))('with exposeTcp(), %s is as described', (_, manifest) =>
      expect(verdict(manifest)).toEqual([]));

    test(`do not serve TCPRoute ${version}`, () =>
      expect(routesOf(unserved, tcp).flatMap(verdict)).toEqual(Array(2).fill(`no CRD for gateway.networking.k8s.io/${version} TCPRoute`)));
  });
}

describeCrds('cert-manager', verdict => {
  const chart = chartOf();
  const certificate = EdgeCertificate.issuer('own', { secretName: 'own', duration: Duration.days(30), renewBefore: Duration.minutes(90), issuerGroup: 'ca.example.com' });
  new MeshEdge(chart, 'edge', { nodes: TWO_NODES }).expose('shop.example.com', { ...SHOP, certificate });
  const written = only(synth(chart), 'Certificate');

  test('a Certificate is as described', () => expect(verdict(written)).toEqual([]));

  test('find a field that is not theirs', () =>
    expect(verdict({ ...written, spec: { ...written.spec, issuer: 'own' } })).toEqual(['/spec must NOT have additional properties {"additionalProperty":"issuer"}']));
});
