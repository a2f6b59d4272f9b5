// services behind the gateway that speak HTTPS
import { Chart } from 'cdk8s';
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeGateway, EdgeNodes, MeshEdge, RouteApi, VirtualAddress } from '../../src';
import type { BackendTls, ExposeOptions, MeshEdgeEntry, MeshEdgeProps } from '../../src';

const VAULT: ExposeOptions = { service: 'vault', serviceNamespace: 'secrets', port: 8200 };
const TLS: BackendTls = { serverName: 'vault.secrets.svc' };

function exposed(routeApi: RouteApi, then: (edge: MeshEdge) => void, props: Partial<MeshEdgeProps> = {}): Manifest[] {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi, ...props }));
  return synth(chart);
}

const expose = (routeApi: RouteApi, backendTls: BackendTls) => exposed(routeApi, edge => edge.expose('vault.example.com', { ...VAULT, backendTls }));

describe('with Istio\'s API', () => {
  test('a DestinationRule beside the gateway, for its namespace only, names the port and verifies the certificate', () =>
    expect(only(expose(RouteApi.ISTIO, { ...TLS, caSecretName: 'vault-ca' }), 'DestinationRule')).toMatchObject({
      metadata: { namespace: 'istio-ingress', name: 'istio-ingress.edge.secrets.vault' },
      spec: {
        host: 'vault.secrets.svc.cluster.local',
        exportTo: ['.'],
        trafficPolicy: {
          portLevelSettings: [{
            port: { number: 8200 },
            tls: { mode: 'SIMPLE', sni: 'vault.secrets.svc', subjectAltNames: ['vault.secrets.svc'], credentialName: 'vault-ca' },
          }],
        },
      },
    }));

  test('the service has the domain of the gateway\'s cluster', () => {
    const gateway = EdgeGateway.podNetwork({ istio: { clusterDomain: 'k8s.example' } });
    const manifests = exposed(RouteApi.ISTIO, edge => edge.expose('vault.example.com', { ...VAULT, backendTls: TLS }), { gateway });
    expect(only(manifests, 'DestinationRule').spec.host).toBe('vault.secrets.svc.k8s.example');
  });

  test('without an authority, Istio takes those of the image', () =>
    expect(Object.keys(only(expose(RouteApi.ISTIO, TLS), 'DestinationRule').spec.trafficPolicy.portLevelSettings[0].tls)).toEqual(['mode', 'sni', 'subjectAltNames']));

  test('ports of a service share the rule, and each has its own name', () => {
    const manifests = exposed(RouteApi.ISTIO, edge => {
      edge.expose('vault.example.com', { ...VAULT, backendTls: TLS })
        .addPath('/admin', { ...VAULT, port: 8201, backendTls: { serverName: 'admin.secrets.svc' } })
        .addPath('/metrics', { ...VAULT, port: 9090 })
        .addPath('/again', { ...VAULT, backendTls: TLS });
    });
    expect(only(manifests, 'DestinationRule').spec.trafficPolicy.portLevelSettings.map(({ port, tls }: Manifest) => [port.number, tls.sni]))
      .toEqual([[8200, 'vault.secrets.svc'], [8201, 'admin.secrets.svc']]);
  });
});

describe('entries and edges whose gateways share a namespace', () => {
  const rules = (routeApi: RouteApi, kind: string, other: (chart: Chart, edge: MeshEdge) => MeshEdgeEntry) => {
    const chart = chartOf();
    const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], routeApi });
    const hosts = [
      edge.expose('vault.example.com', { ...VAULT, backendTls: TLS }),
      other(chart, edge).expose('vault.example.internal', { ...VAULT, port: routeApi === RouteApi.ISTIO ? 8201 : 8200, backendTls: TLS }),
    ];
    const written = hosts.map(({ apiObjects }) => apiObjects.filter(object => object.kind === kind).map(({ name }) => name));
    return { written, rule: only(synth(chart), kind) };
  };
  const entry = (_: Chart, edge: MeshEdge) => edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.101')] });
  const edge = (chart: Chart) => new MeshEdge(chart, 'other', { nodes: EdgeNodes.named('edge-3', 'edge-4') });

  test.each<[string, typeof entry]>([['entry', entry], ['edge', edge]])('another %s adds its port to the rule, because Istio reads one for each service', (_, other) => {
    const { rule, written } = rules(RouteApi.ISTIO, 'DestinationRule', other);
    expect(rule.spec.trafficPolicy.portLevelSettings.map(({ port }: Manifest) => port.number)).toEqual([8200, 8201]);
    expect(written).toEqual([['istio-ingress.edge.secrets.vault'], ['istio-ingress.edge.secrets.vault']]);
  });

  test('another entry shares the policy', () =>
    expect(rules(RouteApi.GATEWAY_API, 'BackendTLSPolicy', entry).written).toEqual([['istio-ingress.edge.secrets.vault'], ['istio-ingress.edge.secrets.vault']]));
});

describe('with Gateway API', () => {
  test('a BackendTLSPolicy beside the service names its ConfigMap', () =>
    expect(only(expose(RouteApi.GATEWAY_API, { ...TLS, caConfigMapName: 'vault-ca' }), 'BackendTLSPolicy')).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      metadata: { namespace: 'secrets', name: 'istio-ingress.edge.secrets.vault' },
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'vault' }],
        validation: { hostname: 'vault.secrets.svc', subjectAltNames: [{ type: 'Hostname', hostname: 'vault.secrets.svc' }], caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'vault-ca' }] },
      },
    }));

  test('without an authority, it takes those of the system', () =>
    expect(only(expose(RouteApi.GATEWAY_API, TLS), 'BackendTLSPolicy').spec.validation).toMatchObject({ hostname: 'vault.secrets.svc', wellKnownCACertificates: 'System' }));

  test('hosts of one service share the policy', () =>
    expect(only(exposed(RouteApi.GATEWAY_API, edge => ['a.example', 'b.example'].forEach(host => edge.expose(host, { ...VAULT, backendTls: TLS }))), 'BackendTLSPolicy'))
      .toBeDefined());
});

describe('fails for', () => {
  test.each<[string, RouteApi, BackendTls, string]>([
    ['a server name that is none', RouteApi.ISTIO, { serverName: 'https://vault' }, 'host-invalid: backendTls.serverName is not a DNS name, got "https://vault"'],
    ['a Secret that is no name', RouteApi.ISTIO, { ...TLS, caSecretName: 'A' }, 'name-invalid: backendTls.caSecretName'],
    ['a ConfigMap that is no name', RouteApi.GATEWAY_API, { ...TLS, caConfigMapName: 'A' }, 'name-invalid: backendTls.caConfigMapName'],
    ['a Secret with Gateway API', RouteApi.GATEWAY_API, { ...TLS, caSecretName: 'ca' }, 'option-unsupported: Gateway API reads the authority of a service from a ConfigMap, got "ca"; give backendTls.caConfigMapName'],
    ['a ConfigMap with Istio\'s API', RouteApi.ISTIO, { ...TLS, caConfigMapName: 'ca' }, 'option-unsupported: Istio\'s API reads the authority of a service from a Secret, got "ca"; give backendTls.caSecretName'],
    ['no server name', RouteApi.ISTIO, {} as BackendTls, 'option-missing: backendTls.serverName is missing'],
  ])('%s', (_, routeApi, backendTls, expected) => expect(messageOf(() => expose(routeApi, backendTls))).toContain(`[edge/edge] ${expected}`));

  test.each<[string, (edge: MeshEdge) => void]>([
    ['an added path', edge => edge.expose('a.example', { ...VAULT, backendTls: TLS }).addPath('/plain', VAULT)],
    ['another host', edge => { edge.expose('a.example', VAULT); edge.expose('b.example', { ...VAULT, backendTls: TLS }); }],
    ['passthrough', edge => { edge.expose('a.example', { ...VAULT, backendTls: TLS }); edge.exposeTlsPassthrough('b.example', VAULT); }],
  ])('one port with and without TLS, by %s', (_, then) => expect(messageOf(() => exposed(RouteApi.ISTIO, then)))
    .toContain('backend-tls-conflict: another path to vault in secrets has another backendTls'));

  test('two ports of a service with Gateway API, one with TLS', () =>
    expect(messageOf(() => exposed(RouteApi.GATEWAY_API, edge => edge.expose('a.example', { ...VAULT, backendTls: TLS }).addPath('/plain', { ...VAULT, port: 80 }))))
      .toContain('give all paths to this service the same backendTls'));

  test('two ConfigMaps for one service', () =>
    expect(messageOf(() => exposed(RouteApi.GATEWAY_API, edge => ['one', 'two'].forEach(caConfigMapName =>
      edge.expose(`${caConfigMapName}.example`, { ...VAULT, backendTls: { ...TLS, caConfigMapName } }))))).toContain('backend-tls-conflict'));

  const inTwoNamespaces = (routeApi: RouteApi, serverName: string) => {
    const chart = chartOf();
    new MeshEdge(chart, 'one', { nodes: TWO_NODES, routeApi }).expose('a.example', { ...VAULT, backendTls: TLS });
    const elsewhere = new Chart(chart, 'other', { namespace: 'elsewhere' });
    new MeshEdge(elsewhere, 'two', { nodes: EdgeNodes.named('edge-3'), routeApi }).expose('b.example', { ...VAULT, backendTls: { serverName } });
    return [chart, elsewhere].flatMap(synth).filter(({ kind }) => /BackendTLSPolicy|DestinationRule/.test(kind)).map(({ metadata }) => metadata.namespace);
  };
  test('two edges in two namespaces with Gateway API: the policy of a service is in its own namespace', () =>
    expect(messageOf(() => inTwoNamespaces(RouteApi.GATEWAY_API, 'other.secrets.svc'))).toContain('backend-tls-conflict'));
  test('no two edges that agree, or that have a DestinationRule each', () => {
    expect(inTwoNamespaces(RouteApi.GATEWAY_API, TLS.serverName)).toEqual(['secrets']);
    expect(inTwoNamespaces(RouteApi.ISTIO, 'other.secrets.svc')).toEqual(['istio-ingress', 'elsewhere']);
  });

  test('two edges whose gateways share a namespace', () => {
    const chart = chartOf();
    new MeshEdge(chart, 'one', { nodes: TWO_NODES }).expose('a.example', VAULT);
    const other = new MeshEdge(new Chart(chart, 'other', { namespace: 'istio-ingress' }), 'two', { nodes: TWO_NODES });
    expect(messageOf(() => other.expose('b.example', { ...VAULT, backendTls: TLS }))).toContain('backend-tls-conflict');
  });
});
