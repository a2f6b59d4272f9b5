// further entries of an edge: their gateways, addresses, hosts, and what may not be
import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { chartOf, container, messageOf, nameOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import {
  EdgeFrontProxy, EdgeGateway, EdgeNodes, Handover, HostNetworkIngressGateway, IngressGateway, MeshEdge, MeshEdgeEntry, Monitoring, RouteApi,
  VirtualAddress,
} from '../../src';
import type { MeshEdgeEntryOptions, MeshEdgeProps } from '../../src';

const GRAFANA = { service: 'grafana', serviceNamespace: 'monitoring', port: 3000 };
const ADDRESS = VirtualAddress.of('192.0.2.101');
const DUAL_STACK = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' }, { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
);

const edgeOf = (props: Partial<MeshEdgeProps> = {}, chart = chartOf()) =>
  new MeshEdge(chart, 'edge', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], ...props });
type Then = (inside: MeshEdgeEntry, edge: MeshEdge) => void;
const added = (options: Partial<MeshEdgeEntryOptions> = {}, props: Partial<MeshEdgeProps> = {}, then: Then = () => undefined): Manifest[] => {
  const edge = edgeOf(props);
  then(edge.addEntry('inside', { virtualAddresses: [ADDRESS], ...options }), edge);
  return synth(Chart.of(edge));
};
const text = (manifests: Manifest[], name: string, file: string): string => only(manifests, 'ConfigMap', name).data[file];

test('an entry has a gateway, objects and hosts of its own', () => {
  const manifests = added({}, {}, (inside, edge) => {
    inside.expose('grafana.example.internal', { ...GRAFANA, tlsSecretName: 'grafana-tls' });
    edge.expose('shop.example.com', { service: 'shop', port: 80 });
    expect(inside).toBeInstanceOf(MeshEdgeEntry);
    expect(inside.gateway).toBe(inside.ingressGateway);
    expect(inside.virtualAddresses).toEqual([ADDRESS]);
    expect(edge.virtualAddresses).toEqual([VirtualAddress.of('192.0.2.100')]);
  });
  const gateways = manifests.filter(({ kind }) => kind === 'Gateway').map(({ metadata, spec }) => [metadata.name, spec.selector.istio, spec.servers[0].hosts]);
  expect(gateways).toEqual([
    ['edge-inside-tls-grafana-tls', 'edge-inside-gateway', ['grafana.example.internal']], ['edge-http', 'edge-gateway', ['shop.example.com']],
  ]);
  expect(manifests.filter(({ kind }) => kind === 'Deployment').map(nameOf)).toEqual(['edge-gateway', 'edge-inside-gateway']);
});

test('one host can be public and internal, with different services', () => {
  const manifests = added({}, {}, (inside, edge) => [inside, edge].forEach(entry => entry.expose('shop.example.com', GRAFANA)));
  expect(manifests.filter(({ kind }) => kind === 'VirtualService').map(({ metadata, spec }) => [metadata.name, spec.gateways])).toEqual([
    ['edge-inside-shop-example-com', ['edge-inside-http']], ['edge-shop-example-com', ['edge-http']],
  ]);
});

test('the addresses of an entry move as those of the edge do', () => {
  const manifests = added({ virtualAddresses: [VirtualAddress.of('192.0.2.101', { ipv6Address: '2001:db8::101' }), VirtualAddress.of('192.0.2.102')] }, { nodes: DUAL_STACK });
  const keepalived = text(manifests, 'edge-vip', 'keepalived.conf');
  expect([...keepalived.matchAll(/^vrrp_instance (\S+)/gm)].map(([, name]) => name)).toEqual(['vip-192-0-2-100', 'vip-192-0-2-101', 'vip-192-0-2-102']);
  expect(keepalived).toContain('2001:db8::101/128');
  const handover = text(manifests, 'edge-vip', 'handover-edge-1.nft');
  expect(handover).toContain('ip daddr { 192.0.2.100, 192.0.2.101, 192.0.2.102 } tcp dport { 80, 443 }');
  expect(handover).toContain('ip6 daddr { 2001:db8::101 } tcp dport { 80, 443 }');
  expect(text(manifests, 'edge-vip', 'silence-edge-1.nft')).toContain('192.0.2.102');
});

test('a port that only an entry has is handed over, claimed and guarded', () => {
  const gateway = EdgeGateway.podNetwork({ listeners: [{ port: 443 }, { port: 9443, targetPort: 19_443 }] });
  const manifests = added({ gateway });
  expect(text(manifests, 'edge-vip', 'handover-edge-1.nft')).toContain('tcp dport { 80, 443, 9443 }');
  expect(container(only(manifests, 'DaemonSet', 'edge-front-envoy'), 'port-guard').command.slice(-4)).toEqual(['80', '443', '9443', '340']);
});

test('metrics answer at no address of an entry, and alerts know its gateways', () => {
  const monitoring = Monitoring.podMonitor({ from: ['10.244.0.0/16'] });
  const manifests = added({}, { monitoring, frontProxy: EdgeFrontProxy.haproxy() });
  expect(text(manifests, 'edge-front-haproxy', 'front-haproxy.cfg')).toContain('acl virtual dst 192.0.2.101\n');
  expect(JSON.stringify(only(manifests, 'PrometheusRule').spec)).toContain('edge-inside-gateway-istio-ingress-443');
  expect(only(manifests, 'ConfigMap', 'edge-dashboard').data['istio-ingress-edge.json']).toContain('edge-inside-gateway-istio-ingress-443');
});

test.each(['my-tcp-25', 'tcp'])('the id %s is not taken for a part that exposes something', id =>
  expect(messageOf(() => edgeOf().addEntry(id, { virtualAddresses: [ADDRESS] }))).toBe(''));

test.each<[string, Partial<MeshEdgeEntryOptions>, Partial<MeshEdgeProps>, boolean]>([
  ['as the edge has it', {}, { preserveClientAddress: true }, true],
  ['nothing by default', {}, {}, false],
  ['its own choice', { preserveClientAddress: true }, { frontProxy: EdgeFrontProxy.nginx() }, true],
  ['its own choice against it', { preserveClientAddress: false }, { preserveClientAddress: true, frontProxy: EdgeFrontProxy.haproxy() }, false],
])('the gateway of an entry gets PROXY protocol: %s', (_, options, props, expected) => {
  added(options, props, inside => expect(inside.gateway.toIngressGatewayConfig().receivesProxyProtocol).toBe(expected));
});

test('the gateway of an entry has the options of the edge\'s gateway, unless it gets others', () => {
  const gateway = EdgeGateway.podNetwork({ replicas: 4, istio: { revision: 'canary' } });
  const replicas = (options: Partial<MeshEdgeEntryOptions>) => only(added(options, { gateway }), 'Deployment', 'edge-inside-gateway').spec.replicas;
  expect([replicas({}), replicas({ gateway: EdgeGateway.podNetwork({ replicas: 3 }) })]).toEqual([4, 3]);
});

test('an entry can have an existing gateway, listeners of its own, and Gateway API', () => {
  const chart = chartOf();
  const edge = edgeOf({ routeApi: RouteApi.GATEWAY_API }, chart);
  const existing = IngressGateway.fromService(chart, 'internal', { name: 'internal', namespace: 'istio-system', selector: { istio: 'internal' } });
  const inside = edge.addEntry('inside', { virtualAddresses: [ADDRESS], gateway: EdgeGateway.existing(existing), listeners: [{ port: 8080, gatewayPort: 80 }] });
  inside.expose('grafana.example.internal', GRAFANA);
  expect([inside.gateway, inside.ingressGateway]).toEqual([existing, undefined]);
  expect(only(synth(chart), 'Gateway').spec.addresses).toEqual([{ type: 'Hostname', value: 'internal.istio-system.svc.cluster.local' }]);
  expect(() => inside.expose('tls.example.internal', { ...GRAFANA, tlsSecretName: 'tls' })).toThrow(/gateway-port-unreachable: no listener of entry inside of edge\/edge\/front-envoy/);
});

test('the version of an entry\'s own gateway decides about its routes', () => {
  const gateway = EdgeGateway.podNetwork({ istio: { version: '1.29.0' } });
  const inside = edgeOf({ routeApi: RouteApi.GATEWAY_API }).addEntry('inside', { virtualAddresses: [ADDRESS], gateway });
  expect(messageOf(() => inside.exposeTlsPassthrough('a.example', GRAFANA))).toContain('tls-route-version-unread');
});

test('order and number of entries do not change the objects of others', () => {
  const one = added();
  const two = added({}, {}, (_, edge) => edge.addEntry('partners', { virtualAddresses: [VirtualAddress.of('192.0.2.102')] }));
  const ofFirst = (manifests: Manifest[]) => manifests.filter(manifest => nameOf(manifest).startsWith('edge-inside') || nameOf(manifest) === 'edge-gateway');
  expect(ofFirst(two)).toEqual(ofFirst(one));
});

describe('fails', () => {
  const failing = (options: Partial<MeshEdgeEntryOptions>, props: Partial<MeshEdgeProps> = {}, id = 'inside', before: (edge: MeshEdge) => void = () => undefined) => {
    const edge = edgeOf(props);
    before(edge);
    const objects = () => edge.node.findAll().map(({ node }) => node.path);
    const known = objects();
    const vip = edge.vip?.virtualAddresses;
    const message = messageOf(() => edge.addEntry(id, { virtualAddresses: [ADDRESS], ...options }));
    expect([objects(), edge.vip?.virtualAddresses]).toEqual([known, vip]);
    return message;
  };
  const hostIstio = { version: '1.31.0' };

  test('without a virtual address of the edge', () =>
    expect(failing({}, { virtualAddresses: undefined, networkInterface: undefined })).toContain('[edge/edge/inside] entry-without-virtual-ip: '));
  test('with an id twice', () => expect(failing({ virtualAddresses: [VirtualAddress.of('192.0.2.102')] }, {}, 'inside',
    edge => edge.addEntry('inside', { virtualAddresses: [ADDRESS] }))).toContain('entry-twice: the edge has an entry or a part with this id, got "inside"'));
  test('with the id of a part', () => expect(failing({}, {}, 'vip')).toContain('entry-twice'));
  test.each(['expose-shop-example-com', 'gateway-http', 'tcp-25'])('with the id %s, before and after the edge has a part of this name', id => {
    const expose = (edge: MeshEdge) => [edge.expose('shop.example.com', GRAFANA), edge.exposeTcp(25, GRAFANA)];
    const expected = `[edge/edge/${id}] name-invalid: id begins like the parts that expose() and exposeTcp() add to the edge, got "${id}"; choose another id`;
    expect(failing({}, {}, id)).toContain(expected);
    expect(failing({}, {}, id, expose)).toContain(expected);
  });
  test.each(['backend-tls-vault', 'certificate-shop-tls', 'grant-shop'])('with the id %s, like a part that only some hosts need', id =>
    expect(failing({}, {}, id)).toContain('name-invalid: id begins like the parts that expose() and exposeTcp() add to the edge'));
  test('with an existing gateway that answers nonsense, and says nothing else', () => {
    const chart = chartOf();
    const existing = Object.assign(new Construct(chart, 'mine'), { selector: {}, toIngressGatewayConfig: () => ({}) as never });
    const message = messageOf(() => edgeOf({}, chart).addEntry('In_side', { virtualAddresses: [ADDRESS], gateway: EdgeGateway.existing(existing) }));
    expect(message).toContain('option-missing: edge/mine.toIngressGatewayConfig()');
    expect(message).not.toContain('name-invalid');
  });
  test('with Gateway API before an existing gateway on one address', () => {
    const chart = chartOf();
    const config = { ...IngressGateway.fromService(chart, 'ingress', { name: 'ingress' }).toIngressGatewayConfig(), bindAddress: '127.0.0.1' };
    const gateway = EdgeGateway.existing(Object.assign(new Construct(chart, 'mine'), { selector: { istio: 'mine' }, toIngressGatewayConfig: () => config }));
    const add = (routeApi: RouteApi) => messageOf(() => edgeOf({ routeApi }, chartOf(chart, routeApi._isGatewayApi ? 'new' : 'old')).addEntry('inside', { virtualAddresses: [ADDRESS], gateway }));
    expect(add(RouteApi.GATEWAY_API)).toContain('bind-unsupported');
    expect(add(RouteApi.ISTIO)).toBe('');
  });
  test('with a host whose objects have the names of those of the edge, and says what to rename', () => {
    const chart = chartOf();
    const edge = edgeOf({}, chart);
    edge.addEntry('shop', { virtualAddresses: [ADDRESS] }).expose('a.example.com', GRAFANA);
    edge.expose('shop.a.example.com', GRAFANA);
    expect(messageOf(() => synth(chart))).toContain('VirtualService edge-shop-a-example-com in namespace "istio-ingress" is also made by edge/edge/shop/expose-a-example-com/VirtualService; '
      + 'give one of the two edges or entries another id: their objects are named after it');
  });
  test('with an id that is no DNS label', () => expect(failing({}, {}, 'In_side')).toContain('name-invalid'));
  test('with an address of the edge', () => expect(failing({ virtualAddresses: [VirtualAddress.of('192.0.2.100')] }))
    .toContain('[edge/edge/inside] address-twice: 192.0.2.100 is also a virtual address of the edge itself'));
  test('with an address of another entry', () => expect(failing({}, {}, 'inside', edge => edge.addEntry('partners', { virtualAddresses: [ADDRESS] })))
    .toContain('[edge/edge/inside] address-twice: 192.0.2.101 is also a virtual address of entry partners'));
  test('with an address twice', () => expect(failing({ virtualAddresses: [ADDRESS, ADDRESS] })).toContain('address-twice: the entry has this address twice'));
  test('with the address of a node', () => expect(failing({ virtualAddresses: [VirtualAddress.of('192.0.2.11')] })).toContain('address-of-node: 192.0.2.11'));
  test('with an address of another edge', () => {
    const edge = edgeOf();
    new MeshEdge(Chart.of(edge), 'other', { nodes: EdgeNodes.named('other-1', 'other-2'), networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.101', { vrid: 7 })] });
    edge.addEntry('inside', { virtualAddresses: [ADDRESS] });
    expect(() => synth(Chart.of(edge))).toThrow(/address-twice: 192\.0\.2\.101 is also a virtual address of edge\/other\/vip/);
  });
  test('without an address', () => expect(failing({ virtualAddresses: [] })).toContain('list-empty: virtualAddresses'));
  test('with the VRID of the edge', () => expect(failing({ virtualAddresses: [VirtualAddress.of('192.0.2.101', { vrid: 100 })] })).toContain('vrid-clash'));
  test('with another family', () => expect(failing({ virtualAddresses: [VirtualAddress.of('2001:db8::101')] }, { nodes: DUAL_STACK })).toContain('address-family'));
  test('with the gateway of the edge', () => {
    const chart = chartOf();
    const existing = IngressGateway.fromService(chart, 'ingress', { name: 'ingress', namespace: 'istio-system', selector: { istio: 'ingress' } });
    const edge = edgeOf({ gateway: EdgeGateway.existing(existing) }, chart);
    expect(messageOf(() => edge.addEntry('inside', { virtualAddresses: [ADDRESS], gateway: EdgeGateway.existing(existing) })))
      .toContain('entry-gateway-twice: the front proxy itself has the gateway of this entry already, got "istio-system/ingress"');
  });
  test('with PROXY protocol that an existing gateway does not accept', () => {
    const chart = chartOf();
    const existing = IngressGateway.fromService(chart, 'ingress', { name: 'ingress', namespace: 'istio-system', selector: { istio: 'ingress' } });
    expect(messageOf(() => edgeOf({}, chart).addEntry('inside', { virtualAddresses: [ADDRESS], gateway: EdgeGateway.existing(existing), preserveClientAddress: true })))
      .toContain('proxy-protocol-mismatch');
  });
  test.each<[string, Partial<MeshEdgeProps>]>([
    ['T4', { frontProxy: EdgeFrontProxy.none(), gateway: EdgeGateway.edgeNodes({ istio: hostIstio }) }],
    ['T5', { gateway: EdgeGateway.edgeNodes({ istio: hostIstio }) }],
  ])('with a gateway on the edge nodes: %s', (_, props) => {
    expect(failing({}, props)).toContain('entry-unsupported: an edge whose gateway runs on the edge nodes has no further entries; '
      + 'choose a front proxy and EdgeGateway.podNetwork(), or make another MeshEdge on other nodes');
  });
  test('with a gateway of its own on the edge nodes', () =>
    expect(failing({ gateway: EdgeGateway.edgeNodes({ istio: hostIstio }) })).toContain('entry-unsupported: the gateway of an entry cannot run on the edge nodes'));
  test('with an existing gateway on nodes', () => {
    const chart = chartOf();
    const existing = new HostNetworkIngressGateway(chart, 'host', { nodes: TWO_NODES, loopbackOnly: true, istio: hostIstio });
    expect(messageOf(() => edgeOf({}, chart).addEntry('inside', { virtualAddresses: [ADDRESS], gateway: EdgeGateway.existing(existing) }))).toContain('entry-unsupported');
  });
  test('with an address on another interface, if the hand-over is seamless', () => {
    const virtualAddresses = [VirtualAddress.of('192.0.2.101', { networkInterface: 'eth1' })];
    expect(failing({ virtualAddresses })).toContain('handover-interface');
    expect(() => added({ virtualAddresses }, { vip: { handover: Handover.PLAIN } })).not.toThrow();
  });
  test('with an unknown option', () => expect(failing({ adresses: [] } as Partial<MeshEdgeEntryOptions>)).toContain('option-unknown'));
});

describe('a TCP service of an entry', () => {
  const POSTGRES = { service: 'postgres', serviceNamespace: 'db', port: 5432 };

  test('opens its port for the entry only', () => {
    const manifests = added({}, { frontProxy: EdgeFrontProxy.nginx() }, inside => inside.exposeTcp(5432, POSTGRES));
    const config = text(manifests, 'edge-front-nginx', 'front-nginx.conf');
    expect(config).toMatch(/listen 0\.0\.0\.0:5432 [^}]*proxy_pass _no_route;/);
    expect(config).toMatch(/listen 192\.0\.2\.101:5432;\n\s+proxy_pass edge-inside-gateway-istio-ingress-5432;/);
    expect(text(manifests, 'edge-vip', 'handover-edge-1.nft')).toContain('tcp dport { 80, 443, 5432 }');
    const ports = (name: string) => only(manifests, 'Service', name).spec.ports.map(({ port }: Manifest) => port);
    expect([ports('edge-inside-gateway'), ports('edge-gateway')]).toEqual([[15021, 80, 443, 5432], [15021, 80, 443]]);
  });

  test('can have the port of another service at the edge itself', () => {
    const manifests = added({}, {}, (inside, edge) => [edge, inside].forEach(entry => entry.exposeTcp(5432, POSTGRES)));
    const config = text(manifests, 'edge-front-envoy', 'front-envoy.yaml');
    expect(config.match(/port_value: 5432\n/g)).toHaveLength(3); // the listener, and the pods of both gateways
    expect(config).toContain('name: inside/edge-inside-gateway-istio-ingress-5432');
  });
});
