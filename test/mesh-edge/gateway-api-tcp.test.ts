// exposeTcp() with RouteApi.GATEWAY_API
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeGateway, MeshEdge, RouteApi, TcpRouteVersion, TlsRouteVersion } from '../../src';
import type { ExposeTcpOptions, MeshEdgeProps } from '../../src';

const DATABASE: ExposeTcpOptions = { service: 'postgres', serviceNamespace: 'db', port: 5432 };
const BROKER: ExposeTcpOptions = { service: 'broker', port: 8883, serverName: 'mqtt.example.com' };
const FROM_SAME = { namespaces: { from: 'Same' } };

function exposed(then: (edge: MeshEdge) => unknown, props: Partial<MeshEdgeProps> = {}): Manifest[] {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi: RouteApi.GATEWAY_API, ...props }));
  return synth(chart);
}

const parent = (name: string, sectionName: string) => [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name, sectionName }];

test('a TCP service has a listener, a TCPRoute, and a grant for its namespace', () => {
  const manifests = exposed(edge => edge.exposeTcp(5432, DATABASE));
  expect(only(manifests, 'Gateway').spec).toMatchObject({
    gatewayClassName: 'istio',
    addresses: [{ type: 'Hostname', value: 'edge-gateway.istio-ingress.svc.cluster.local' }],
    listeners: [{ name: 'tcp', port: 5432, protocol: 'TCP', allowedRoutes: FROM_SAME }],
  });
  expect(only(manifests, 'TCPRoute')).toMatchObject({
    apiVersion: 'gateway.networking.k8s.io/v1',
    metadata: { name: 'edge-tcp-5432', namespace: 'istio-ingress' },
    spec: { parentRefs: parent('edge-tcp-5432', 'tcp'), rules: [{ backendRefs: [{ group: '', kind: 'Service', name: 'postgres', namespace: 'db', port: 5432, weight: 1 }] }] },
  });
  expect(only(manifests, 'ReferenceGrant').spec.from).toEqual([{ group: 'gateway.networking.k8s.io', kind: 'TCPRoute', namespace: 'istio-ingress' }]);
});

test('TLS that passes through has a listener with its name, and a TLSRoute', () => {
  const manifests = exposed(edge => edge.exposeTcp(8883, BROKER));
  expect(only(manifests, 'Gateway').spec.listeners).toEqual([
    { name: 'tls', hostname: 'mqtt.example.com', port: 8883, protocol: 'TLS', tls: { mode: 'Passthrough' }, allowedRoutes: FROM_SAME },
  ]);
  expect(only(manifests, 'TLSRoute')).toMatchObject({
    apiVersion: 'gateway.networking.k8s.io/v1',
    spec: { hostnames: ['mqtt.example.com'], parentRefs: parent('edge-tcp-8883-mqtt-example-com', 'tls') },
  });
});

test('TLS that ends at the gateway has the Secret, and a TCPRoute', () => {
  const manifests = exposed(edge => edge.exposeTcp(8883, { ...BROKER, tlsSecretName: 'mqtt-tls' }));
  expect(only(manifests, 'Gateway').spec.listeners).toEqual([{
    name: 'tls',
    hostname: 'mqtt.example.com',
    port: 8883,
    protocol: 'TLS',
    tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'mqtt-tls' }] },
    allowedRoutes: FROM_SAME,
  }]);
  expect(only(manifests, 'TCPRoute').spec.parentRefs).toEqual(parent('edge-tcp-8883-mqtt-example-com', 'tls'));
});

test('a service of a host and of a port has one grant for both kinds of routes', () => {
  const chart = chartOf();
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi: RouteApi.GATEWAY_API });
  const host = edge.expose('db.example.com', DATABASE);
  const tcp = edge.exposeTcp(5432, DATABASE);
  expect(only(synth(chart), 'ReferenceGrant').spec.from.map(({ kind }: Manifest) => kind)).toEqual(['HTTPRoute', 'TCPRoute']);
  expect(tcp.apiObjects.map(({ kind }) => kind)).toEqual(['Gateway', 'TCPRoute', 'ReferenceGrant']);
  expect(tcp.apiObjects[2]).toBe(host.apiObjects[2]);
});

test('older versions of both routes can be chosen', () => {
  const routeApi = RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2, tcpRouteVersion: TcpRouteVersion.V1ALPHA2 });
  const manifests = exposed(edge => [edge.exposeTcp(5432, DATABASE), edge.exposeTcp(8883, BROKER)], { routeApi });
  expect(['TCPRoute', 'TLSRoute'].map(kind => only(manifests, kind).apiVersion)).toEqual(Array(2).fill('gateway.networking.k8s.io/v1alpha2'));
});

test.each<[string, RouteApi, ExposeTcpOptions, string]>([
  ['1.30.2', RouteApi.GATEWAY_API, DATABASE,
    'tcp-route-version-unread: exposeTcp() needs a TCPRoute of a version that Istio 1.30.2 reads, got "v1"; give routeApi: RouteApi.gatewayApi({ tcpRouteVersion: TcpRouteVersion.V1ALPHA2 })'],
  ['1.31.0', RouteApi.gatewayApi({ tcpRouteVersion: TcpRouteVersion.V1ALPHA2 }), DATABASE, 'got "v1alpha2"; give routeApi: RouteApi.gatewayApi({ tcpRouteVersion: TcpRouteVersion.V1 })'],
  ['1.29.0', RouteApi.GATEWAY_API, BROKER, 'tls-route-version-unread: exposeTcp() needs a TLSRoute of a version that Istio 1.29.0 reads'],
  ['1.30.2', RouteApi.GATEWAY_API, BROKER, ''],
  ['1.31.0', RouteApi.GATEWAY_API, DATABASE, ''],
  ['1.30.2', RouteApi.ISTIO, DATABASE, ''],
])('fails where Istio %s does not read the route', (version, routeApi, service, expected) => {
  const gateway = EdgeGateway.podNetwork({ istio: { version } });
  const message = messageOf(() => exposed(edge => edge.exposeTcp(5432, service), { routeApi, gateway }));
  if (expected === '') {
    expect(message).toBe('');
  } else {
    expect(message).toContain(expected);
  }
});
