// expose('*'): every host that is not exposed otherwise
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeCertificate, MeshEdge, RouteApi } from '../../src';
import type { ExposeOptions } from '../../src';

const SHOP: ExposeOptions = { service: 'shop', port: 8080 };
const TLS = { ...SHOP, tlsSecretName: 'default-tls' };

function exposed(routeApi: RouteApi, then: (edge: MeshEdge) => unknown): Manifest[] {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi }));
  return synth(chart);
}

describe('with Istio\'s API', () => {
  test('is the only host that the Gateway names: its routes would come before those of another that is named', () => {
    const manifests = exposed(RouteApi.ISTIO, edge => [edge.expose('shop.example.com', SHOP), edge.expose('*', { ...SHOP, service: 'other' })]);
    expect(only(manifests, 'Gateway').spec.servers[0].hosts).toEqual(['*']);
    expect(only(manifests, 'VirtualService', 'edge-shop-example-com').spec).toMatchObject({ hosts: ['shop.example.com'], gateways: ['edge-http'] });
    expect(only(manifests, 'VirtualService', 'edge-wildcard').spec).toMatchObject({ hosts: ['*'], gateways: ['edge-http'] });
  });

  test('serves HTTPS with a Secret, and redirects to it', () => {
    const manifests = exposed(RouteApi.ISTIO, edge => edge.expose('*', TLS));
    expect(only(manifests, 'Gateway').spec.servers.map(({ hosts, port }: Manifest) => [hosts, port.protocol])).toEqual([[['*'], 'HTTP'], [['*'], 'HTTPS']]);
    expect(only(manifests, 'VirtualService').spec.http[0].redirect).toMatchObject({ scheme: 'https' });
  });
});

describe('with Gateway API', () => {
  test('has routes and listeners without a hostname', () => {
    const manifests = exposed(RouteApi.GATEWAY_API, edge => edge.expose('*', TLS).addPath('/api', SHOP));
    expect(only(manifests, 'Gateway', 'edge-tls-default-tls').spec.listeners[0].hostname).toBeUndefined();
    for (const name of ['edge-wildcard', 'edge-wildcard---redirect']) {
      expect(only(manifests, 'HTTPRoute', name).spec.hostnames).toBeUndefined();
    }
  });

  test('leaves other hosts their own certificates', () =>
    expect(messageOf(() => exposed(RouteApi.GATEWAY_API, edge => {
      edge.expose('*', TLS);
      edge.expose('shop.example.com', { ...SHOP, tlsSecretName: 'shop-tls' });
    }))).toBe(''));

  test('fails beside hosts whose TLS passes through, which need the same listener', () =>
    expect(messageOf(() => exposed(RouteApi.GATEWAY_API, edge => {
      edge.expose('*', TLS);
      edge.exposeTlsPassthrough('vault.example.com', { service: 'vault', port: 8200 });
    }))).toContain('listener-conflict: clients of * would reach the listener * of edge/edge\'s passthrough'));
});

describe('fails', () => {
  test('with a certificate that would have to be issued', () =>
    expect(messageOf(() => exposed(RouteApi.ISTIO, edge => edge.expose('*', { ...SHOP, certificate: EdgeCertificate.issuer('own') })))).toContain(
      'host-wildcard-invalid: no certificate can be issued for every host, got "*"; give tlsSecretName'));

  test('a second time', () =>
    expect(messageOf(() => exposed(RouteApi.ISTIO, edge => [edge.expose('*', SHOP), edge.expose('*', SHOP)]))).toContain('host-twice: * is exposed already'));

  test('as the server name of a TCP service', () =>
    expect(messageOf(() => exposed(RouteApi.ISTIO, edge => edge.exposeTcp(8883, { ...SHOP, serverName: '*' })))).toContain('host-wildcard-invalid'));
});
