// an option that is explicitly undefined is as if it were not there: the same bytes, for each option of each public construct
import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { Yaml } from 'cdk8s';
import type { Chart } from 'cdk8s';
import { chartOf, frontProps, synth, TWO_NODES } from '../../sandbox/synth';
import {
  EdgeCertificate, EdgeFleet, EdgeFrontProxy, EdgeGateway, EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, Handover,
  HostNetworkIngressGateway, IngressGateway,
  KeepalivedVip, ManagedHostNetworkIngressGateway, ManagedIngressGateway, MeshEdge, Monitoring, RouteApi, VirtualAddress,
} from '../../src';

const ASSEMBLY = join(__dirname, '..', '..', '.jsii');
if (!existsSync(ASSEMBLY)) {
  throw new Error('no .jsii: run npm test without arguments, or npx projen compile, first');
}

interface Struct {
  readonly name: string;
  readonly datatype?: boolean;
  readonly interfaces?: string[];
  readonly properties?: { readonly name: string; readonly optional?: boolean }[];
}
const types: { [fqn: string]: Struct } = JSON.parse(readFileSync(ASSEMBLY, 'utf8')).types;

/** Names of the optional properties of a struct, its parents' among them. */
function optionalsOf(fqn: string): string[] {
  const { interfaces = [], properties = [] } = types[fqn];
  return [...interfaces.flatMap(optionalsOf), ...properties.filter(({ optional }) => optional).map(({ name }) => name)];
}

type Options = { readonly [option: string]: undefined };
/** Makes something with these options, beside what it needs. */
type Program = (options: Options, chart: Chart) => unknown;

const ISTIO = { version: '1.31.0' };
const DUAL_STACK = EdgeNodes.of(
  { hostname: 'a', address: '192.0.2.11', ipv6Address: '2001:db8::11' }, { hostname: 'b', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
);
/** All that an edge gives to its parts. */
const EDGE = {
  nodes: DUAL_STACK, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })], preserveClientAddress: true,
  labels: { team: 'edge' }, annotations: { 'example.com/note': 'edge' },
};
const edge = (chart: Chart, props: object) => new MeshEdge(chart, 'edge', { ...EDGE, ...props });
const service = { service: 'shop', port: 80 };

/** Where a user gives each struct. */
const PROGRAMS: { [struct: string]: { [place: string]: Program } } = {
  EdgeNode: {
    'of()': (options, chart) => {
      const nodes = EdgeNodes.of({ ...options, hostname: 'a', address: '192.0.2.1' }, { ...options, hostname: 'b', address: '192.0.2.2' });
      return new KeepalivedVip(chart, 'vip', { nodes, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] }).track(new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes }));
    },
  },
  VirtualAddressOptions: {
    'of()': (options, chart) => new KeepalivedVip(chart, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100', options)] })
      .track(new FrontEnvoy(chart, 'front', frontProps(chart))),
  },
  FrontEnvoyProps: { construct: (options, chart) => new FrontEnvoy(chart, 'front', { ...options, ...frontProps(chart) }) },
  MeshEdgeEntryOptions: {
    'addEntry()': (options, chart) => edge(chart, {})
      .addEntry('inside', { ...options, virtualAddresses: [VirtualAddress.of('192.0.2.101')] }).expose('grafana.example.internal', service),
  },
  FrontEntryOptions: {
    'addEntry()': (options, chart) => new FrontEnvoy(chart, 'front', frontProps(chart))
      .addEntry({ ...options, name: 'inside', addresses: ['192.0.2.101'], gateway: new IngressGateway(chart, 'internal') }),
  },
  FrontHaproxyProps: { construct: (options, chart) => new FrontHaproxy(chart, 'front', { ...options, ...frontProps(chart) }) },
  FrontNginxProps: { construct: (options, chart) => new FrontNginx(chart, 'front', { ...options, ...frontProps(chart) }) },
  BackendTls: { 'expose()': (options, chart) => edge(chart, {}).expose('a.example.com', { ...service, backendTls: { ...options, serverName: 'shop.shop.svc' } }) },
  EdgeCertificateOptions: {
    'issuer()': (options, chart) => edge(chart, {}).expose('a.example.com', { ...service, certificate: EdgeCertificate.issuer('own', options) }),
  },
  FrontListener: { 'a listener': (options, chart) => new FrontEnvoy(chart, 'front', { ...frontProps(chart), listeners: [{ ...options, port: 80 }, { ...options, port: 443 }] }) },
  MetricsListener: {
    'a front proxy': (options, chart) => new FrontEnvoy(chart, 'front', { ...frontProps(chart), metrics: { ...options, from: ['10.0.0.0/8'] } }),
  },
  MonitoringOptions: { 'podMonitor()': (options, chart) => edge(chart, { monitoring: Monitoring.podMonitor({ ...options, from: ['10.0.0.0/8'] }) }) },
  FrontRouteOptions: {
    'addRoute()': (options, chart) => new FrontEnvoy(chart, 'front', frontProps(chart))
      .addRoute({ ...options, serverNames: ['a.example'], gateway: IngressGateway.fromService(chart, 'other', { name: 'other' }) }),
  },
  GatewayApiOptions: {
    'gatewayApi()': (options, chart) => edge(chart, { routeApi: RouteApi.gatewayApi(options) }).exposeTlsPassthrough('a.example.com', { ...service }),
  },
  GatewayListener: { 'a listener': (options, chart) => new IngressGateway(chart, 'gateway', { listeners: [{ ...options, port: 80 }, { ...options, port: 443 }] }) },
  GatewayTopology: {
    'on the pod network': (options, chart) => new IngressGateway(chart, 'gateway', { gatewayTopology: options, receivesProxyProtocol: true }),
    'on the nodes': (options, chart) => new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: ISTIO, gatewayTopology: options, receivesProxyProtocol: true }),
  },
  HostNetworkIngressGatewayProps: {
    'construct': (options, chart) => new HostNetworkIngressGateway(chart, 'gateway', { ...options, nodes: TWO_NODES, istio: ISTIO }),
    'on the loopback': (options, chart) => new HostNetworkIngressGateway(chart, 'gateway', { ...options, nodes: TWO_NODES, istio: ISTIO, loopbackOnly: true }),
  },
  IngressGatewayOptions: { 'podNetwork()': (options, chart) => edge(chart, { gateway: EdgeGateway.podNetwork(options) }) },
  HostNetworkIngressGatewayOptions: {
    'edgeNodes()': (options, chart) => edge(chart, { gateway: EdgeGateway.edgeNodes({ ...options, istio: ISTIO }) }),
    'edgeNodes() without front proxy': (options, chart) =>
      new MeshEdge(chart, 'edge', { nodes: TWO_NODES, frontProxy: EdgeFrontProxy.none(), gateway: EdgeGateway.edgeNodes({ ...options, istio: ISTIO }) }),
  },
  ManagedHostNetworkIngressGatewayProps: {
    'alone': (options, chart) => new ManagedHostNetworkIngressGateway(chart, 'gateway', { ...options, nodes: TWO_NODES }),
    'on loopback': (options, chart) => new ManagedHostNetworkIngressGateway(chart, 'gateway', { ...options, nodes: TWO_NODES, loopbackOnly: true }),
  },
  ManagedIngressGatewayProps: { alone: (options, chart) => new ManagedIngressGateway(chart, 'gateway', options) },
  IngressGatewayProps: {
    construct: (options, chart) => new IngressGateway(chart, 'gateway', options),
  },
  IngressGatewayAutoscaling: { autoscaling: (options, chart) => new IngressGateway(chart, 'gateway', { autoscaling: { ...options, maxReplicas: 3 } }) },
  IngressGatewayFromServiceOptions: {
    'fromService()': (options, chart) => new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway: IngressGateway.fromService(chart, 'gateway', { ...options, name: 'gateway' }) }),
  },
  IstioOptions: {
    'of a gateway on the pod network': (options, chart) => new IngressGateway(chart, 'gateway', { istio: options }),
    'of an edge': (options, chart) => edge(chart, { gateway: EdgeGateway.podNetwork({ istio: options }) }),
  },
  HostIstioOptions: {
    'of a gateway on the nodes': (options, chart) => new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { ...options, ...ISTIO } }),
    'of an edge': (options, chart) => edge(chart, { gateway: EdgeGateway.edgeNodes({ istio: { ...options, ...ISTIO } }) }),
  },
  KeepalivedVipProps: {
    construct: (options, chart) => new KeepalivedVip(chart, 'vip', { ...options, nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] })
      .track(new FrontEnvoy(chart, 'front', frontProps(chart))),
    vip: (options, chart) => edge(chart, { vip: options }),
  },
  SeamlessHandoverOptions: { 'seamless()': (options, chart) => edge(chart, { vip: { handover: Handover.seamless(options) } }) },
  FrontProxyProps: {
    'envoy()': (options, chart) => edge(chart, { frontProxy: EdgeFrontProxy.envoy(options) }),
    'envoy() where only the virtual address says IPv6': (options, chart) => edge(chart, { nodes: EdgeNodes.named('a', 'b'), frontProxy: EdgeFrontProxy.envoy(options) }),
    'haproxy()': (options, chart) => edge(chart, { frontProxy: EdgeFrontProxy.haproxy(options) }),
    'nginx()': (options, chart) => edge(chart, { frontProxy: EdgeFrontProxy.nginx(options) }),
  },
  MeshEdgeProps: {
    'construct': (options, chart) => new MeshEdge(chart, 'edge', { ...options, nodes: TWO_NODES }).expose('a.example.com', service),
    'with addresses': (options, chart) => new MeshEdge(chart, 'edge', { ...options, nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] }),
  },
  ExposeOptions: {
    'expose()': (options, chart) => edge(chart, {}).expose('a.example.com', { ...options, ...service }),
    'expose() by Gateway API': (options, chart) => edge(chart, { routeApi: RouteApi.GATEWAY_API }).expose('a.example.com', { ...options, ...service, tlsSecretName: 'a' }),
  },
  BackendOptions: {
    'exposeTlsPassthrough()': (options, chart) => edge(chart, {}).exposeTlsPassthrough('a.example.com', { ...options, ...service }),
  },
  Toleration: { 'of a front proxy': (options, chart) => new FrontEnvoy(chart, 'front', { ...frontProps(chart), tolerations: [options, { ...options, key: 'a' }] }) },
  TlsPassthroughOptions: {
    'exposeTlsPassthrough()': (options, chart) => edge(chart, { routeApi: RouteApi.GATEWAY_API }).exposeTlsPassthrough('a.example.com', { ...options, ...service }),
  },
  PathOptions: {
    'addPath()': (options, chart) => edge(chart, {}).expose('a.example.com', service).addPath('/api', { ...options, ...service }),
  },
  ExposeTcpOptions: {
    'exposeTcp()': (options, chart) => edge(chart, {}).exposeTcp(5432, { ...options, ...service }),
    'exposeTcp() by Gateway API': (options, chart) => edge(chart, { routeApi: RouteApi.GATEWAY_API }).exposeTcp(8883, { ...options, ...service }),
  },
  RetryPolicy: { retries: (options, chart) => edge(chart, {}).expose('a.example.com', { ...service, retries: { ...options, attempts: 2 } }) },
  EdgeFleetProps: {
    construct: options => {
      const fleet = new EdgeFleet(options);
      expect(fleet.outdir).toBe(new EdgeFleet().outdir);
    },
  },
};

/** What constructs tell each other. */
const ANSWERS = ['HostHealthEndpoint', 'HostListenerConfig', 'IngressGatewayConfig'];

function bytesOf(program: Program, options: Options): string {
  const chart = chartOf();
  program(options, chart);
  return Yaml.stringify(...synth(chart));
}

describe.each(Object.entries(PROGRAMS).flatMap(([struct, programs]) => Object.entries(programs).map(([place, program]) => ({ struct, place, program }))))('$struct in $place', ({ struct, program }) => {
  const without = bytesOf(program, {});

  test.each(optionalsOf(`cdk8s-istio-edge.${struct}`))('%s may be undefined', option => expect(bytesOf(program, { [option]: undefined })).toBe(without));
});

test('every struct that a user gives is here, or one that has all that it has', () => {
  const parents = new Set(Object.values(types).flatMap(({ datatype, interfaces = [] }) => datatype ? interfaces : []));
  const leaves = Object.entries(types).filter(([fqn, { datatype }]) => datatype && !parents.has(fqn)).map(([, { name }]) => name);
  expect(leaves.filter(name => !(name in PROGRAMS) && !ANSWERS.includes(name))).toEqual([]);
});
