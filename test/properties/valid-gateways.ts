// an arbitrary valid gateway of an edge: its own, or one of every kind that can exist already
import type { Chart, Duration } from 'cdk8s';
import * as fc from 'fast-check';
import * as any from './arbitraries';
import type { EdgeCase } from './valid-edges';
import type { MadeNodes } from './valid-nodes';
import { hostGatewayOptions, ingressGatewayOptions, listenerWishes, managedGatewayOptions, managedHostGatewayOptions } from './valid-options';
import { gatewayListeners, Ports } from './valid-ports';
import {
  EdgeGateway, HostNetworkIngressGateway, IngressGateway, ManagedHostNetworkIngressGateway, ManagedIngressGateway,
} from '../../src';
import type { GatewayListener } from '../../src';

const listeners = () => fc.option(listenerWishes(), { nil: undefined, freq: 2 });
const common = { listeners: listeners(), proxy: fc.option(fc.boolean(), { nil: undefined }), restricted: fc.boolean() };

const adoptedOptions = () => fc.record({
  name: any.dnsLabel(), namespace: any.dnsLabel(), headlessName: any.dnsLabel(), clusterDomain: any.dnsName(63),
  selector: fc.dictionary(any.labelKey(), any.labelValue(), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
}, { requiredKeys: ['name'] });

export const gatewayWish = () => fc.oneof(
  fc.record({ ...common, kind: fc.constant('own-pods' as const), options: ingressGatewayOptions() }),
  fc.record({ ...common, kind: fc.constant('own-nodes' as const), options: hostGatewayOptions() }),
  fc.record({ ...common, kind: fc.constant('pods' as const), options: ingressGatewayOptions() }),
  fc.record({ ...common, kind: fc.constant('nodes' as const), options: hostGatewayOptions() }),
  fc.record({ ...common, kind: fc.constant('managed-pods' as const), options: managedGatewayOptions() }),
  fc.record({ ...common, kind: fc.constant('managed-nodes' as const), options: managedHostGatewayOptions() }),
  fc.record({ ...common, kind: fc.constant('adopted' as const), options: adoptedOptions() }),
);

export interface MadeGateway {
  /** With the shortest time that a virtual IP needs to leave. */
  readonly choice: (lameDuckMs?: number) => EdgeGateway;
  readonly isOwn: boolean;
  readonly isLoopback: boolean;
  readonly isOnPods: boolean;
  /** Ports of its Service. */
  readonly ports: number[];
  readonly services: Ports;
  readonly targets: Ports;
  readonly offset: (port: number) => number;
  /** Of an existing gateway. */
  readonly receivesProxyProtocol?: boolean;
  readonly version?: string;
  readonly reachesIpv6: (family: MadeNodes['family']) => boolean;
}

type Placed = Omit<MadeGateway, 'choice' | 'receivesProxyProtocol' | 'version' | 'reachesIpv6'> & { readonly listeners?: GatewayListener[] };

/** Makes the gateway, beside the edge if the edge does not own it. */
export function makeGateway(chart: Chart, wish: EdgeCase, made: MadeNodes, hostPorts: Ports): MadeGateway {
  const given = fitting(wish);
  const placed = place(wish, given, hostPorts);
  const version = 'istio' in given.options ? (given.options as { istio?: { version?: string } }).istio?.version : undefined;
  const isHost = given.kind === 'own-nodes' || given.kind === 'nodes';
  const dualStack = isHost ? given.options.istio.dualStack : given.kind === 'managed-nodes' && given.options.dualStack;
  const { listeners: list, ...rest } = placed;
  const withPorts = list === undefined ? {} : { listeners: list };
  return {
    ...rest,
    version: placed.isOwn ? version : undefined,
    reachesIpv6: family => wish.front !== 'none' || Boolean(dualStack) || family === 'ipv6',
    ...(!placed.isOwn && { receivesProxyProtocol: given.proxy ?? (placed.isLoopback) }),
    choice: lameDuckMs => choose(chart, given, { withPorts, made, isLoopback: placed.isLoopback, lameDuckMs }),
  };
}

/** Without a front proxy, the gateway must be on the nodes. */
function fitting({ front, gateway }: EdgeCase): EdgeCase['gateway'] {
  const isOnNodes = gateway.kind === 'own-nodes' || gateway.kind === 'nodes' || gateway.kind === 'managed-nodes';
  return front !== 'none' || isOnNodes ? gateway : { ...gateway, kind: 'own-nodes', options: { istio: { version: '1.31.0' } } };
}

function place(wish: EdgeCase, given: EdgeCase['gateway'], hostPorts: Ports): Placed {
  const isOnNodes = given.kind === 'own-nodes' || given.kind === 'nodes' || given.kind === 'managed-nodes';
  const isLoopback = isOnNodes && wish.front !== 'none';
  const isOwn = given.kind === 'own-pods' || given.kind === 'own-nodes';
  const followed = wish.front !== 'none' && wish.frontListeners === undefined ? [hostPorts] : [];
  const services = new Ports();
  const targets = isOnNodes ? hostPorts : new Ports();
  const offset = offsetOf(given.kind, isLoopback);
  const wishes = given.listeners ?? [{ port: 80, other: undefined, tls: undefined }, { port: 443, other: undefined, tls: undefined }];
  const list = gatewayListeners(wishes, { services, targets, offset }, ...followed);
  const ports = list.map(({ port }) => port);
  const asDefault = list.every(({ port, targetPort }, index) => targetPort === undefined && port === [80, 443][index]);
  const isDefault = given.listeners === undefined && asDefault;
  const needsListeners = given.kind === 'adopted' && given.options.headlessName !== undefined;
  return {
    isOwn, isLoopback, isOnPods: !isOnNodes, ports, services, targets, offset, ...((!isDefault || needsListeners) && { listeners: list }),
  };
}

function offsetOf(kind: EdgeCase['gateway']['kind'], isLoopback: boolean): (port: number) => number {
  if (kind === 'adopted') return () => 0;
  if (kind === 'own-nodes' || kind === 'nodes' || kind === 'managed-nodes') return () => isLoopback ? 10_000 : 0;
  return port => port < 1024 ? 8_000 : 0;
}

interface Surroundings {
  readonly withPorts: { readonly listeners?: GatewayListener[] };
  readonly made: MadeNodes;
  readonly isLoopback: boolean;
  readonly lameDuckMs?: number;
}

function choose(chart: Chart, given: EdgeCase['gateway'], { withPorts, made, isLoopback, lameDuckMs = 0 }: Surroundings): EdgeGateway {
  const proxy = given.proxy === undefined ? {} : { receivesProxyProtocol: given.proxy };
  const leaves = (wanted: Duration | undefined) => any.longer(wanted, lameDuckMs, 5_000);
  const onPods = { ...withPorts, ...proxy };
  const onNodes = { ...withPorts, ...proxy, nodes: made.nodes, ...(isLoopback && { loopbackOnly: true }) };
  switch (given.kind) {
    case 'own-pods': return EdgeGateway.podNetwork({ ...given.options, ...withPorts });
    case 'own-nodes': return EdgeGateway.edgeNodes({ ...given.options, ...withPorts, ...leaves(given.options.lameDuckPeriod) });
    case 'nodes': {
      const options = { ...given.options, ...onNodes, ...leaves(given.options.lameDuckPeriod) };
      return EdgeGateway.existing(new HostNetworkIngressGateway(chart, 'nodes', options));
    }
    case 'managed-nodes': {
      const options = { ...given.options, ...onNodes, ...leaves(given.options.lameDuckPeriod) };
      return EdgeGateway.existing(new ManagedHostNetworkIngressGateway(chart, 'managed-nodes', options));
    }
    case 'adopted': return EdgeGateway.existing(IngressGateway.fromService(chart, 'adopted', { ...given.options, ...onPods }));
    case 'pods': return EdgeGateway.existing(restricted(new IngressGateway(chart, 'pods', { ...given.options, ...onPods }), given.restricted, made));
    case 'managed-pods': {
      const gateway = new ManagedIngressGateway(chart, 'managed-pods', { ...given.options, ...onPods });
      return EdgeGateway.existing(restricted(gateway, given.restricted, made));
    }
  }
}

function restricted<T extends IngressGateway | ManagedIngressGateway>(gateway: T, isRestricted: boolean, { nodes, family }: MadeNodes): T {
  if (isRestricted && family !== undefined) gateway.allowTrafficOnlyFrom(nodes, ['10.244.1.0/32', '2001:db8::/64']);
  return gateway;
}
