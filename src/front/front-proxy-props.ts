// the props of all front proxies: each means the same in Envoy, HAProxy and nginx
import type { Duration } from 'cdk8s';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { MetricsListener } from '../workload/metrics-listener';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/**
 * How a front proxy is replaced by a new version or configuration.
 */
export enum UpdateMode {
  /**
   * The new proxy runs beside the old one on the same ports until the old one has finished.
   *
   * It takes over new connections when it is ready. No connection is lost on nodes with `net.ipv4.tcp_migrate_req=1`, and very few
   * on others. DaemonSet only.
   */
  HITLESS = 'hitless',

  /**
   * The old proxy ends before the new one begins.
   *
   * Meanwhile the node answers no client: for seconds, or for up to `drainTimeout` while connections are open.
   */
  REPLACE = 'replace',
}

/**
 * What happens to a TLS connection whose server name matches no route.
 */
export enum UnmatchedServerName {
  /**
   * It goes to the front proxy's own gateway.
   */
  DEFAULT_GATEWAY = 'default-gateway',

  /**
   * It is closed.
   */
  CLOSE = 'close',
}

/**
 * Which connections have a line in the access log, which is the container's standard output.
 */
export enum AccessLog {
  /**
   * Every connection, when it ends.
   */
  ALL = 'all',

  /**
   * A connection that reached no gateway, or that failed in another way that the engine detects.
   *
   * Envoy: its line has a response flag. HAProxy: an error, a timeout or a retry. nginx: its status is not 200.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto#config-accesslog-v3-responseflagfilter
   * @see https://docs.haproxy.org/3.2/configuration.html#4.2-option%20dontlog-normal
   * @see https://nginx.org/en/docs/stream/ngx_stream_core_module.html#var_status
   */
  FAILURES = 'failures',
}

/**
 * A port that clients reach.
 */
export interface FrontListener {
  /**
   * Port on the node: 1 to 65535, except the ports that Istio itself uses.
   */
  readonly port: number;

  /**
   * Port of the gateway's Service to which connections go: 1 to 65535.
   *
   * @default - the same port
   */
  readonly gatewayPort?: number;

  /**
   * Whether clients speak TLS here, so that routes by server name apply. The bytes pass through untouched either way.
   *
   * @default - true if the gateway's port is 443
   */
  readonly tls?: boolean;
}

/**
 * Options of a front proxy, without its nodes and its gateway.
 */
export interface FrontProxyOptions extends EdgeWorkloadOptions {
  /**
   * Ports that clients reach.
   *
   * @default - the ports of the gateway
   */
  readonly listeners?: FrontListener[];

  /**
   * What happens to TLS connections that match no route. It has no effect without routes.
   *
   * @default UnmatchedServerName.DEFAULT_GATEWAY
   */
  readonly unmatchedServerName?: UnmatchedServerName;

  /**
   * How the proxy is replaced.
   *
   * @default - UpdateMode.HITLESS; UpdateMode.REPLACE for a Deployment
   */
  readonly updateMode?: UpdateMode;

  /**
   * Run this number of pods as a Deployment, 1 to 1000, at most one on a node.
   *
   * @default - a DaemonSet, which has one pod on every node
   */
  readonly replicas?: number;

  /**
   * Longest wait for one connection to a gateway: 10 ms to 1 minute, in steps of 10 ms.
   *
   * @default Duration.millis(250)
   */
  readonly connectTimeout?: Duration;

  /**
   * Most attempts to connect to a gateway, the first one included: 1 to 10.
   *
   * Only HAProxy avoids the pod where the last attempt failed. Envoy takes the next pod in turn, and nginx the pod that kube-proxy chooses.
   * Both can meet a dead pod several times until it is known to be dead.
   *
   * @default 10
   */
  readonly maxConnectAttempts?: number;

  /**
   * Time after which a connection without data in either direction is closed.
   *
   * 1 second to 7 days, whole seconds.
   *
   * @default Duration.hours(1)
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
   */
  readonly idleTimeout?: Duration;

  /**
   * How long an ending pod still accepts connections, so that the virtual IP can leave first.
   *
   * 1 second to 10 minutes, whole seconds, and at least the time that the virtual IP's check takes to fail. Only Envoy fails its
   * health check in this period. With HAProxy and nginx, the virtual IP leaves after they have closed, unless a new pod runs beside
   * the old one.
   *
   * @default Duration.seconds(3)
   */
  readonly lameDuckPeriod?: Duration;

  /**
   * How long connections of an ending pod may stay open: 10 seconds to 1 hour, whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly drainTimeout?: Duration;

  /**
   * Most open connections from clients, on all listeners together: 1 to 500000.
   *
   * Health checks do not count.
   *
   * @default - as many as `fileDescriptors` allow, with two for each connection, and at most 500000
   */
  readonly maxConnections?: number;

  /**
   * Most open connections from one client, on all listeners together: 1 to `maxConnections`.
   *
   * Not with Envoy, which does not count TCP connections by client: `FrontEnvoy` throws `option-unsupported`. The nodes can count
   * them, with nftables.
   *
   * Without it, one client can take all of `maxConnections`, and no other client is served until `idleTimeout` ends its silent connections.
   * A client is one IPv4 address, or one IPv6 /64. All users behind one NAT (an office, a mobile network) are one client here. So
   * there is no default, and the limit should be in the hundreds. A connection above it is closed, and has a line in the access log.
   *
   * HAProxy counts exactly. In nginx, each of the `concurrency` workers allows an equal share of the limit, rounded up. The kernel
   * spreads connections over the workers only roughly, so nginx can refuse a client below the limit. While a proxy is replaced, the
   * old and the new pod count separately.
   *
   * @default - no limit
   * @see https://docs.haproxy.org/3.2/configuration.html#7.3.3-sc0_conn_cur
   * @see https://nginx.org/en/docs/stream/ngx_stream_limit_conn_module.html
   */
  readonly maxConnectionsPerClient?: number;

  /**
   * File descriptors that the proxy may open: 1024 to 1048576.
   *
   * The limit of the container runtime must be at least as high.
   *
   * @default 65536
   */
  readonly fileDescriptors?: number;

  /**
   * Worker threads of Envoy and HAProxy, worker processes of nginx: 1 to 256.
   *
   * @default 2
   */
  readonly concurrency?: number;

  /**
   * Which connections have a line in the access log.
   *
   * With a line for every connection, Envoy and nginx accept up to 4 percent fewer new connections, and HAProxy up to 10 percent fewer.
   *
   * @default AccessLog.FAILURES
   */
  readonly accessLog?: AccessLog;

  /**
   * Lines of your own in the proxy's configuration, by the place where they go.
   *
   * They are written as they are, without quotes: never put text of others into them. Places:
   *
   * - Envoy, in YAML: `bootstrap`, `listener` and `cluster` (more fields), `clusters` (more clusters), `listener_filters` and
   *   `network_filters` (more filters, before the others).
   * - HAProxy: `global`, `defaults`, `frontend`, `backend`, and `sections` (whole sections).
   * - nginx: `main`, `events`, `stream` and `server`.
   *
   * The configuration's checksum covers them. If the engine refuses a line, the new pod does not start, and the rollout stops.
   *
   * @default - none
   */
  readonly configurationSnippets?: { [place: string]: string };

  /**
   * Port of the health endpoint on the node's loopback address: 1 to 65535, not one of Istio's.
   *
   * The virtual IP checks it. A new pod recognizes the old one by it, so a rollout cannot change it on a running edge.
   *
   * Any process of the node can take a port of 1024 or above while the proxy is down. The proxy cannot start then.
   * If all ports are 1024 or above, the container has no capability.
   *
   * @default 340
   */
  readonly healthPort?: number;

  /**
   * Port from which Prometheus reads the proxy's metrics.
   *
   * It answers at every address of the node, except virtual ones. Envoy and HAProxy answer with all of their own metrics, nginx with its numbers of open connections. While a proxy is replaced, only
   * the new pod answers; connections of the old one are not counted then.
   *
   * @default - no metrics
   */
  readonly metrics?: MetricsListener;

  /**
   * Whether clients reach the listeners over IPv6 too. Switch it on where the virtual IP has an IPv6 address.
   *
   * @default - true if the nodes have IPv6 addresses
   */
  readonly ipv6?: boolean;
}

/**
 * Properties that all front proxies share.
 */
export interface FrontProxyProps extends FrontProxyOptions {
  /**
   * Nodes on which the proxy runs.
   */
  readonly nodes: EdgeNodes;

  /**
   * Gateway to which connections go.
   *
   * If it has `receivesProxyProtocol`, it gets the client's address by PROXY protocol: version 2, or version 1 with nginx.
   *
   * @see https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt
   */
  readonly gateway: IIngressGateway;
}
