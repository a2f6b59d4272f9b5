// an arbitrary valid MeshEdge with everything that can be in it, and the constructs that it connects to
import type { App } from 'cdk8s';
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import * as fc from 'fast-check';
import * as any from './arbitraries';
import { AddressPool } from './arbitraries';
import { addEntries, entryWishes } from './valid-entries';
import { expose, exposureWishes } from './valid-exposures';
import { makeFront } from './valid-fronts';
import { gatewayWish, makeGateway } from './valid-gateways';
import { addressWishes, AddressMaker, makeNodes, nodesWish } from './valid-nodes';
import { frontOptions, isOlderThan, listenerWishes, metrics, shares, sharedOptions, vipOptions } from './valid-options';
import { Ports } from './valid-ports';
import { makeVip } from './valid-vips';
import { MeshEdge, Monitoring, RouteApi, TcpRouteVersion, TlsRouteVersion } from '../../src';
import type { MeshEdgeProps } from '../../src';
import { canonicalCidr } from '../../src/validation/addresses';

const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq: number = 2) => fc.option(arbitrary, { nil: undefined, freq });

export type EdgeCase = ReturnType<typeof edgeCase> extends fc.Arbitrary<infer T> ? T : never;

export type FrontName = EdgeCase['front'];

/** What a case wants. Names and numbers are as they will be; what depends on other wishes is made to fit. */
export const edgeCase = () => fc.record({
  chartId: any.dnsLabel(20).filter(id => !(id in {})),
  edgeId: any.constructId(),
  namespace: maybe(any.dnsLabel(), 4),
  pool: any.rawPool(),
  nodes: nodesWish(),
  front: fc.constantFrom('none', 'envoy', 'haproxy', 'nginx'),
  frontOptions: frontOptions(),
  frontListeners: maybe(listenerWishes()),
  shares: shares(),
  healthPort: maybe(fc.integer({ min: 1, max: 65_535 })),
  metrics: maybe(metrics()),
  snippets: fc.boolean(),
  gateway: gatewayWish(),
  virtualAddresses: maybe(addressWishes(), 3),
  vip: fc.record({
    options: vipOptions(), spread: fc.boolean(), handover: fc.constantFrom('default', 'plain', 'seamless', 'spread'), longTimeout: maybe(fc.boolean()),
    metrics: maybe(metrics()),
  }),
  networkInterface: any.networkInterface(),
  namesInterface: fc.boolean(),
  shared: sharedOptions(),
  flags: fc.record({ preserveClientAddress: fc.boolean(), externalDns: fc.boolean(), createNamespace: fc.boolean() }, { requiredKeys: [] }),
  monitoring: maybe(fc.record({
    from: fc.uniqueArray(any.cidr(), { minLength: 1, maxLength: 3, selector: canonicalCidr }),
    labels: any.labels(), grafanaDashboard: fc.boolean(), operator: fc.boolean(),
  })),
  routeApi: fc.constantFrom('istio', 'gateway-api', 'gateway-api-options'),
  routeRevision: maybe(any.dnsLabel()),
  routes: fc.array(fc.record({
    names: fc.array(any.hostOrWildcard(), { minLength: 1, maxLength: 4 }), port: fc.integer({ min: 1, max: 65_535 }), proxy: fc.boolean(),
  }), { maxLength: 3 }),
  entries: entryWishes(),
  exposures: exposureWishes(),
});

const SHARED_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'istio-system'];

/** Makes the chart of a case. */
export function buildEdge(app: App, wish: EdgeCase): Chart {
  const chart = new Chart(app, wish.chartId, wish.namespace === undefined ? {} : { namespace: wish.namespace });
  const pool = new AddressPool(wish.pool);
  const made = makeNodes(wish.nodes, pool, wish.virtualAddresses === undefined ? 1 : 2);
  const hostPorts = new Ports();
  const vip = wish.virtualAddresses && { ...wish.vip, wishes: wish.virtualAddresses.wishes };
  const reserved = reservePorts(wish, hostPorts);
  const gateway = makeGateway(chart, wish, made, hostPorts);
  const front = makeFront(wish, gateway, made, hostPorts, reserved);
  const isTracked = wish.front === 'none' || gateway.isLoopback;
  const isFree = wish.vip.handover === 'default' || wish.vip.handover === 'plain';
  const addresses = vip && new AddressMaker(pool, made, wish.virtualAddresses!.ipv6, gateway.reachesIpv6(made.family), {
    interfaces: isFree, pairs: isFree || made.family === 'dual', isPlain: wish.vip.handover === 'plain',
  });
  const routeApi = routeApiOf(wish, gateway.isLoopback, gateway.version);
  const times = vip && makeVip(wish, made, addresses!, isTracked, reserved);
  const props: MeshEdgeProps = {
    ...wish.shared,
    nodes: made.nodes,
    gateway: gateway.choice(times?.lameDuckMs),
    frontProxy: front.choice(times?.lameDuckMs),
    ...times?.props,
    ...preserved(wish, gateway.receivesProxyProtocol),
    ...(vip && wish.flags.externalDns !== undefined && { externalDns: wish.flags.externalDns }),
    ...(wish.monitoring && { monitoring: monitoringOf(wish.monitoring) }),
    ...(wish.flags.createNamespace && wish.namespace !== undefined && !SHARED_NAMESPACES.includes(wish.namespace) && { createNamespace: true }),
    ...(routeApi && { routeApi }),
  };
  const edge = new MeshEdge(chart as Construct, wish.edgeId, props);
  front.addRoutes(chart, edge);
  expose(edge, wish.exposures, { ...gateway, routeApi: wish.routeApi, front: edge.frontProxy, hostPorts });
  if (vip && edge.frontProxy && gateway.isOnPods) {
    addEntries(chart, edge, wish, { addresses: addresses!, gateway, hostPorts });
  }
  edge.toMermaid();
  return chart;
}

/** Ports of health and metrics come first: the others avoid them. */
export interface Reserved { readonly health?: number; readonly metrics?: number; readonly vipMetrics?: number }

function reservePorts(wish: EdgeCase, ports: Ports): Reserved {
  const hasFront = wish.front !== 'none';
  // the defaults, taken even where a wish replaces them
  [340, 341, 9165].forEach(port => ports.take(port));
  return {
    ...(hasFront && wish.healthPort !== undefined && { health: ports.take(wish.healthPort) }),
    ...(hasFront && wish.metrics?.port !== undefined && { metrics: ports.take(wish.metrics.port) }),
    ...(wish.virtualAddresses && wish.vip.metrics?.port !== undefined && { vipMetrics: ports.take(wish.vip.metrics.port) }),
  };
}

/** An existing gateway keeps what it has. Without a front proxy, a gateway cannot hide the client's address. */
function preserved({ flags: { preserveClientAddress }, front }: EdgeCase, existing: boolean | undefined): Partial<MeshEdgeProps> {
  const isRefused = (front === 'none' && preserveClientAddress === false) || (existing !== undefined && existing !== preserveClientAddress);
  return preserveClientAddress === undefined || isRefused ? {} : { preserveClientAddress };
}

function monitoringOf({ operator, ...options }: NonNullable<EdgeCase['monitoring']>): Monitoring {
  return operator ? Monitoring.podMonitor(options) : Monitoring.annotations(options);
}

/** A gateway on loopback has a bind address, which Gateway API cannot say. */
function routeApiOf({ routeApi, routeRevision }: EdgeCase, isLoopback: boolean, version: string | undefined): RouteApi | undefined {
  if (routeApi === 'istio' || isLoopback) {
    return routeRevision === undefined ? undefined : RouteApi.ISTIO;
  }
  const isPlain = !isOlderThan(version, 31) && routeApi === 'gateway-api';
  return isPlain ? RouteApi.GATEWAY_API : RouteApi.gatewayApi({
    tlsRouteVersion: isOlderThan(version, 30) ? TlsRouteVersion.V1ALPHA2 : TlsRouteVersion.V1,
    tcpRouteVersion: isOlderThan(version, 31) ? TcpRouteVersion.V1ALPHA2 : TcpRouteVersion.V1,
    revision: routeRevision,
  });
}
