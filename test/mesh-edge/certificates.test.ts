// certificates of cert-manager, and certificates that clients must show
import { App, Duration } from 'cdk8s';
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeCertificate, EdgeNodes, MeshEdge, RouteApi, VirtualAddress } from '../../src';
import type { ExposeOptions, MeshEdgeProps } from '../../src';

const SHOP: ExposeOptions = { service: 'shop', serviceNamespace: 'shop', port: 8080 };
const ISSUED = EdgeCertificate.clusterIssuer('letsencrypt');
const BOTH: [string, RouteApi][] = [['Istio\'s API', RouteApi.ISTIO], ['Gateway API', RouteApi.GATEWAY_API]];

function exposed(then: (edge: MeshEdge) => void, routeApi: RouteApi = RouteApi.ISTIO, props: Partial<MeshEdgeProps> = {}): Manifest[] {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi, ...props }));
  return synth(chart);
}

const issued = (certificate: EdgeCertificate, hosts: string[] = ['shop.example.com']) =>
  only(exposed(edge => hosts.forEach(host => edge.expose(host, { ...SHOP, certificate }))), 'Certificate');

describe('a certificate of cert-manager', () => {
  test('is beside the gateway, which reads Secrets of its own namespace only', () =>
    expect(issued(ISSUED)).toMatchObject({
      apiVersion: 'cert-manager.io/v1',
      metadata: { name: 'edge-shop-example-com-tls', namespace: 'istio-ingress' },
      spec: {
        secretName: 'edge-shop-example-com-tls',
        dnsNames: ['shop.example.com'],
        issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer', group: 'cert-manager.io' },
        privateKey: { rotationPolicy: 'Always' },
      },
    }));

  test('fills the Secret that Istio\'s Gateway names, and HTTP is redirected', () => {
    const manifests = exposed(edge => edge.expose('shop.example.com', { ...SHOP, certificate: ISSUED }));
    const { servers } = only(manifests, 'Gateway').spec;
    expect(servers.map(({ port }: Manifest) => port.number)).toEqual([80, 443]);
    expect(servers[1].tls).toEqual({ mode: 'SIMPLE', credentialName: 'edge-shop-example-com-tls' });
    expect(only(manifests, 'VirtualService').spec.http[0].redirect).toEqual({ scheme: 'https', redirectCode: 301 });
  });

  test('fills the Secret that the Gateway of Gateway API names; the Gateway for HTTP takes routes of a solver in this namespace', () => {
    const manifests = exposed(edge => edge.expose('shop.example.com', { ...SHOP, certificate: ISSUED }), RouteApi.GATEWAY_API);
    expect(only(manifests, 'Certificate').spec.secretName).toBe('edge-shop-example-com-tls');
    expect(only(manifests, 'Gateway', 'edge-tls-edge-shop-example-com-tls').spec.listeners[0].tls.certificateRefs)
      .toEqual([{ group: '', kind: 'Secret', name: 'edge-shop-example-com-tls' }]);
    expect(only(manifests, 'Gateway', 'edge-http')).toMatchObject({
      metadata: { namespace: only(manifests, 'Certificate').metadata.namespace },
      spec: { listeners: [{ name: 'http', port: 80, allowedRoutes: { namespaces: { from: 'Same' } } }] },
    });
    // a solver's route has an exact path, which wins
    expect(only(manifests, 'HTTPRoute', 'edge-shop-example-com---redirect').spec.rules[0].matches).toEqual([{ path: { type: 'PathPrefix', value: '/' } }]);
  });

  test('by an Issuer, with all options', () =>
    expect(issued(EdgeCertificate.issuer('own', { secretName: 'shop-tls', duration: Duration.days(90), renewBefore: Duration.minutes(90), issuerGroup: 'ca.example.com' })))
      .toMatchObject({
        metadata: { name: 'shop-tls' },
        spec: {
          secretName: 'shop-tls', duration: '2160h0m0s', renewBefore: '1h30m0s', issuerRef: { name: 'own', kind: 'Issuer', group: 'ca.example.com' },
        },
      }));

  test('is one for all hosts of a Secret', () =>
    expect(issued(EdgeCertificate.issuer('own', { secretName: 'all-tls' }), ['a.example.com', 'b.example.org']).spec.dnsNames).toEqual(['a.example.com', 'b.example.org']));

  test('is one for each namespace of gateways, even with one name of the Secret', () => {
    const app = new App();
    const certificate = EdgeCertificate.issuer('own', { secretName: 'all-tls' });
    const charts = ['one', 'two'].map(namespace => chartOf(app, namespace, { namespace }));
    charts.forEach((chart, index) => new MeshEdge(chart, 'edge', { nodes: EdgeNodes.named(`edge-${index}`) }).expose('shop.example.com', { ...SHOP, certificate }));
    expect(charts.map(chart => only(synth(chart), 'Certificate').metadata.namespace)).toEqual(['one', 'two']);
  });

  test('names no host that its own wildcard covers, which Let\'s Encrypt would refuse', () =>
    expect(issued(EdgeCertificate.issuer('own', { secretName: 'all-tls' }), ['a.example.com', '*.example.com', 'example.com', 'a.b.example.com']).spec.dnsNames)
      .toEqual(['*.example.com', 'example.com', 'a.b.example.com']));
});

describe('certificates of clients', () => {
  const mutual: ExposeOptions = { ...SHOP, tlsSecretName: 'shop-tls', clientCaSecretName: 'partners' };

  test('are required by Istio\'s Gateway', () =>
    expect(only(exposed(edge => edge.expose('shop.example.com', mutual)), 'Gateway').spec.servers[1].tls)
      .toEqual({ mode: 'MUTUAL', credentialName: 'shop-tls', caCertCredentialName: 'partners-cacert' }));

  test('are required by the Gateway of their certificate, and by no other', () => {
    const manifests = exposed(edge => {
      edge.expose('shop.example.com', mutual);
      edge.expose('blog.example.com', { ...SHOP, tlsSecretName: 'blog-tls' });
    }, RouteApi.GATEWAY_API);
    const tlsOf = (name: string) => only(manifests, 'Gateway', name).spec.tls;
    expect(tlsOf('edge-tls-shop-tls')).toEqual({
      frontend: { default: { validation: { mode: 'AllowValidOnly', caCertificateRefs: [{ group: '', kind: 'Secret', name: 'partners' }] } } },
    });
    expect([tlsOf('edge-http'), tlsOf('edge-tls-blog-tls')]).toEqual([undefined, undefined]);
  });

  test('go with a certificate of cert-manager', () =>
    expect(only(exposed(edge => edge.expose('a.example.com', { ...mutual, tlsSecretName: undefined, certificate: ISSUED })), 'Gateway').spec.servers[1].tls.mode).toBe('MUTUAL'));
});

describe.each(BOTH)('fails by %s for', (_api, routeApi) => {
  const other = EdgeCertificate.clusterIssuer('other', { secretName: 'tls' });
  test.each<[string, (edge: MeshEdge) => void, string]>([
    ['a certificate and a Secret', edge => edge.expose('a.example', { ...SHOP, certificate: ISSUED, tlsSecretName: 'tls' }),
      'certificate-and-secret: tlsSecretName and certificate exclude each other, got "tls"; omit tlsSecretName'],
    ['another issuer for the same Secret', edge => {
      edge.expose('a.example', { ...SHOP, certificate: other });
      edge.expose('b.example', { ...SHOP, certificate: EdgeCertificate.clusterIssuer('letsencrypt', { secretName: 'tls' }) });
    }, 'certificate-conflict: another host has this Secret with another certificate, got "tls"; give it the same as a.example, or another Secret'],
    ['a Secret that cert-manager writes for another host', edge => {
      edge.expose('a.example', { ...SHOP, certificate: other });
      edge.expose('b.example', { ...SHOP, tlsSecretName: 'tls' });
    }, 'certificate-conflict'],
    ['one Secret with and without certificates of clients', edge => {
      edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls' });
      edge.expose('b.example', { ...SHOP, tlsSecretName: 'tls', clientCaSecretName: 'partners' });
    }, 'certificate-conflict: another host has this Secret with another clientCaSecretName, got "tls"'],
    ['certificates of clients without TLS', edge => edge.expose('a.example', { ...SHOP, clientCaSecretName: 'partners' }),
      'option-unused: clientCaSecretName has no effect, because a.example has no TLS'],
    ['a Secret from which istiod reads an authority only', edge => edge.expose('a.example', { ...SHOP, tlsSecretName: 'shop-cacert' }),
      'tls-secret-authority: tlsSecretName ends in -cacert, so Istio would read only an authority from it, got "shop-cacert"; give the Secret another name'],
    ['such a Secret of a TCP service', edge => edge.exposeTcp(8883, { service: 'mqtt', port: 1883, tlsSecretName: 'mqtt-cacert' }), 'tls-secret-authority: tlsSecretName'],
    ['an authority of clients in another namespace', edge => edge.expose('a.example', { ...SHOP, tlsSecretName: 'tls', clientCaSecretName: 'shop/ca' }),
      'tls-secret-namespace: clientCaSecretName contains a namespace'],
    ['a certificate that is none', edge => edge.expose('a.example', { ...SHOP, certificate: 'letsencrypt' as unknown as EdgeCertificate }),
      'type-wrong: invalid certificate "letsencrypt"; expected EdgeCertificate.clusterIssuer() or EdgeCertificate.issuer()'],
  ])('%s', (_, then, expected) => expect(messageOf(() => exposed(then, routeApi))).toContain(`[edge/edge] ${expected}`));
});

describe('with another entry', () => {
  const twice = (inside: Partial<ExposeOptions>, host = 'b.example') => exposed(edge => {
    edge.expose('a.example', { ...SHOP, certificate: EdgeCertificate.issuer('ca', { secretName: 'tls' }) });
    edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.101')] }).expose(host, { ...SHOP, ...inside });
  }, RouteApi.ISTIO, { networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });

  test.each([['b.example', ['a.example', 'b.example']], ['a.example', ['a.example']]])('one certificate has the names of both, here with %s', (host, names) =>
    expect(only(twice({ certificate: EdgeCertificate.issuer('ca', { secretName: 'tls' }) }, host), 'Certificate').spec.dnsNames).toEqual(names));

  test('one of them alone can ask for certificates of clients', () => {
    const manifests = twice({ certificate: EdgeCertificate.issuer('ca', { secretName: 'tls' }), clientCaSecretName: 'partners' });
    expect(manifests.filter(({ kind }) => kind === 'Gateway').map(({ spec }) => spec.servers[1].tls.mode)).toEqual(['SIMPLE', 'MUTUAL']);
  });

  test('its Secret can be used without asking for it again', () =>
    expect(only(twice({ tlsSecretName: 'tls' }), 'Certificate').spec.dnsNames).toEqual(['a.example']));

  test('another issuer for its Secret is refused', () =>
    expect(messageOf(() => twice({ certificate: EdgeCertificate.issuer('other', { secretName: 'tls' }) })))
      .toContain('[edge/edge/inside] certificate-conflict: another host has this Secret with another certificate, got "tls"; give it the same as a.example'));
});

test.each<[string, () => EdgeCertificate, string]>([
  ['an issuer that is no name', () => EdgeCertificate.issuer('A'), 'name-invalid: name of the issuer'],
  ['a Secret that is no name', () => EdgeCertificate.issuer('a', { secretName: 'a/b' }), 'name-invalid: secretName'],
  ['a Secret from which istiod reads an authority only', () => EdgeCertificate.issuer('a', { secretName: 'a-cacert' }), 'tls-secret-authority: secretName'],
  ['a group that is no name', () => EdgeCertificate.issuer('a', { issuerGroup: 'A' }), 'name-invalid: issuerGroup'],
  ['a short duration', () => EdgeCertificate.issuer('a', { duration: Duration.minutes(59) }), 'duration-out-of-range: duration'],
  ['a late renewal', () => EdgeCertificate.issuer('a', { renewBefore: Duration.minutes(4) }), 'duration-out-of-range: renewBefore'],
  ['a renewal before the start', () => EdgeCertificate.clusterIssuer('a', { duration: Duration.hours(1), renewBefore: Duration.hours(1) }),
    'renewal-too-early: renewBefore is not shorter than duration'],
  ['an unknown option', () => EdgeCertificate.issuer('a', { secret: 'a' } as never), 'option-unknown'],
])('fails for %s', (_, make, expected) => expect(messageOf(make)).toContain(expected));
