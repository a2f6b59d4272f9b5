// arbitrary valid entries of an edge: addresses with a gateway of their own
import type { Chart } from 'cdk8s';
import * as fc from 'fast-check';
import * as any from './arbitraries';
import type { EdgeCase } from './valid-edges';
import { expose, exposureWishes } from './valid-exposures';
import type { MadeGateway } from './valid-gateways';
import { addressWish } from './valid-nodes';
import type { AddressMaker } from './valid-nodes';
import { ingressGatewayOptions } from './valid-options';
import { Ports } from './valid-ports';
import { EdgeGateway, IngressGateway } from '../../src';
import type { FrontListener, MeshEdge } from '../../src';

export const entryWishes = () => fc.array(fc.record({
  id: any.dnsLabel(30),
  addresses: fc.array(addressWish(), { minLength: 1, maxLength: 3 }),
  gateway: fc.constantFrom('default', 'own', 'adopted'),
  options: ingressGatewayOptions(),
  proxy: fc.option(fc.boolean(), { nil: undefined }),
  exposures: exposureWishes(),
}), { maxLength: 2 });

/** Children that every edge can have. */
const PARTS = ['constructor', 'gateway', 'vip', 'monitoring', 'namespace', 'front-envoy', 'front-haproxy', 'front-nginx'];

interface Surroundings {
  readonly addresses: AddressMaker;
  readonly gateway: MadeGateway;
  readonly hostPorts: Ports;
}

export function addEntries(chart: Chart, edge: MeshEdge, wish: EdgeCase, { addresses, gateway, hostPorts }: Surroundings): void {
  const ids = new Set<string>();
  wish.entries.forEach((entry, index) => {
    // cdk8s writes two equal parts of a name once, so objects of an entry with the edge's own id have the names of the edge's: name-clash
    if (entry.id === edge.node.id || PARTS.includes(entry.id) || ids.has(entry.id) || edge.node.tryFindChild(entry.id)) return;
    ids.add(entry.id);
    const proxy = entry.proxy ?? edge.gateway.toIngressGatewayConfig().receivesProxyProtocol;
    // ports that the front proxy has, or that are free on the nodes: 80 and 443 of each gateway
    const own = edge.frontProxy!.listeners.slice(0, 3);
    const listeners = own.map(({ port }, position): FrontListener => ({ port, gatewayPort: position === 0 ? 80 : 443 }));
    const choice = {
      default: gateway.isOwn ? EdgeGateway.podNetwork() : undefined,
      own: EdgeGateway.podNetwork(entry.options),
      adopted: EdgeGateway.existing(IngressGateway.fromService(chart, `entry-${index}`, { name: `entry-${index}`, receivesProxyProtocol: proxy })),
    }[entry.gateway];
    const made = edge.addEntry(entry.id, {
      virtualAddresses: entry.addresses.map(address => addresses.make(address, false)),
      ...(choice && { gateway: choice }),
      listeners,
      ...(entry.proxy !== undefined && { preserveClientAddress: entry.proxy }),
    });
    const version = entry.gateway === 'own' ? entry.options.istio?.version : undefined;
    expose(made, entry.exposures, {
      routeApi: wish.routeApi, front: edge.frontProxy, entry: entry.id, isOwn: entry.gateway !== 'adopted', isLoopback: false, hostPorts,
      version, edgeVersion: gateway.version, services: new Ports(), targets: new Ports(), offset: gateway.offset,
    });
  });
}
