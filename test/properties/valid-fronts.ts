// an arbitrary valid front proxy of an edge: its ports, its limits, its routes
import type { Chart } from 'cdk8s';
import * as any from './arbitraries';
import type { EdgeCase, Reserved } from './valid-edges';
import type { MadeGateway } from './valid-gateways';
import type { MadeNodes } from './valid-nodes';
import { frontListeners, Ports } from './valid-ports';
import { EdgeFrontProxy, IngressGateway, UpdateMode } from '../../src';
import type { FrontProxyOptions, MeshEdge } from '../../src';

/** Lines that each engine accepts, in every place that it has. */
const SNIPPETS = {
  envoy: {
    bootstrap: 'stats_flush_interval: 5s', listener: 'enable_mptcp: false', cluster: 'alt_stat_name: other',
    clusters: '- name: own\n  connect_timeout: 1s\n  type: STATIC', listener_filters: '- name: envoy.filters.listener.original_dst\n  typed_config:\n'
      + '    "@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst',
  },
  haproxy: {
    global: 'tune.maxaccept 50', defaults: 'option splice-auto', frontend: 'option tcp-smart-accept', backend: 'option tcp-smart-connect', sections: 'ring own\n  size 32768',
  },
  nginx: { main: 'worker_priority 0;', events: 'accept_mutex off;', stream: 'map $remote_addr $own {\n  default "a}b";\n}', server: 'tcp_nodelay on;' },
};

const MAKE = { envoy: EdgeFrontProxy.envoy, haproxy: EdgeFrontProxy.haproxy, nginx: EdgeFrontProxy.nginx };

export interface MadeFront {
  readonly choice: (lameDuckMs?: number) => EdgeFrontProxy | undefined;
  readonly addRoutes: (chart: Chart, edge: MeshEdge) => void;
}

export function makeFront(wish: EdgeCase, gateway: MadeGateway, made: MadeNodes, hostPorts: Ports, reserved: Reserved): MadeFront {
  const { front } = wish;
  if (front === 'none') {
    return { choice: () => EdgeFrontProxy.none(), addRoutes: () => undefined };
  }
  const listeners = wish.frontListeners && frontListeners(wish.frontListeners, gateway.ports, port => hostPorts.take(port));
  const isDefault = front === 'envoy' && Object.keys(wish.frontOptions).length === 0 && listeners === undefined && !wish.snippets;
  return {
    choice: lameDuckMs => isDefault && lameDuckMs === undefined ? undefined : MAKE[front]({
      ...wish.frontOptions,
      ...limits(wish),
      ...placement(wish, made),
      ...(listeners && { listeners }),
      ...(reserved.health !== undefined && { healthPort: reserved.health }),
      ...(wish.metrics && { metrics: { from: wish.metrics.from, ...(reserved.metrics !== undefined && { port: reserved.metrics }) } }),
      ...(wish.snippets && { configurationSnippets: SNIPPETS[front] }),
      ...any.longer(wish.frontOptions.lameDuckPeriod, lameDuckMs ?? 0, 3_000),
    }),
    addRoutes: (chart, edge) => addRoutes(chart, edge, wish),
  };
}

/** The limits that depend on each other. */
function limits({ front, frontOptions, shares }: EdgeCase): FrontProxyOptions {
  const { fileDescriptors = 65_536, concurrency: wanted = 2 } = frontOptions;
  const concurrency = front === 'haproxy' ? Math.min(64, wanted) : wanted;
  const fitting = Math.min(500_000, Math.max(1, Math.floor((fileDescriptors - 512) / 2)));
  const most = front === 'nginx' ? Math.min(fitting, concurrency * 65_535) : fitting;
  const share = shares.maxConnections ?? (most < fitting ? 1 : undefined);
  const maxConnections = share === undefined ? undefined : Math.max(1, Math.floor(share * most));
  const perClient = shares.perClient === undefined ? undefined : Math.max(1, Math.floor(shares.perClient * (maxConnections ?? fitting)));
  return {
    ...(frontOptions.concurrency !== undefined && { concurrency }),
    ...(maxConnections !== undefined && { maxConnections }),
    ...(front !== 'envoy' && perClient !== undefined && { maxConnectionsPerClient: perClient }),
  };
}

/** A Deployment has a pod for each node, because a virtual IP needs one there. */
function placement({ shares: { replicas }, frontOptions: { updateMode }, virtualAddresses }: EdgeCase, { hostnames }: MadeNodes): FrontProxyOptions {
  if (replicas === undefined) return {};
  const nodes = hostnames.length > 0 ? hostnames.length : 1000;
  const pods = virtualAddresses && hostnames.length > 0 ? nodes : Math.max(1, Math.floor(replicas * nodes));
  return { replicas: pods, updateMode: updateMode && UpdateMode.REPLACE };
}

/** Routes by server name, to gateways that exist already. */
function addRoutes(chart: Chart, edge: MeshEdge, { routes, front }: EdgeCase): void {
  const proxy = edge.frontProxy!;
  const tls = proxy.listeners.filter(listener => listener.tls);
  const names = new Set<string>();
  const own = edge.gateway.toIngressGatewayConfig().receivesProxyProtocol;
  routes.forEach((route, index) => {
    const serverNames = [...new Set(route.names)].filter(name => !names.has(name));
    if (serverNames.length === 0 || tls.length === 0) return;
    serverNames.forEach(name => names.add(name));
    const ports = new Ports();
    const port = ports.take(route.port);
    proxy.addRoute({
      serverNames,
      gateway: IngressGateway.fromService(chart, `route-${index}`, {
        name: `shop-${index}`, listeners: [{ port }], receivesProxyProtocol: front === 'nginx' ? own : route.proxy,
      }),
      gatewayPort: port,
    });
  });
}
