// the model of a front proxy; the renderer of each engine writes it as a configuration
import type { MetricsEndpoint } from './metrics-endpoint';
import type { Snippets } from './snippets';

/**
 * A layer-4 proxy that passes TCP through to Istio gateways. Plain data: `checkProxy` checks it, and `render…` writes
 * it.
 */
export interface ProxyModel {
  /**
   * Identity of this proxy in the cluster, `<namespace>/<name>`: the first word of its health answer, which
   * `port-guard` compares.
   */
  readonly name: string;
  readonly listeners: ProxyListener[];
  /** Destination addresses with upstreams of their own. The listeners' own upstreams serve all other addresses. */
  readonly entries?: ProxyEntry[];
  readonly upstreams: ProxyUpstream[];
  /** Local HTTP endpoint that answers 200 with `healthAnswer()` while this proxy accepts connections. */
  readonly health: ProxyHealthListener;
  /** Where Prometheus reads the proxy's metrics. Absent: nowhere. */
  readonly metrics?: MetricsEndpoint;
  /** Longest wait for one TCP connection to an upstream. */
  readonly connectTimeoutMs: number;
  /** Attempts in all. HAProxy avoids the host that failed last; Envoy and nginx can choose it again. */
  readonly maxConnectAttempts: number;
  /** A connection is closed after this time without a byte in either direction. */
  readonly idleTimeoutMs: number;
  readonly keepAlive: TcpKeepAlive;
  /**
   * How long a listener with routes waits for the TLS server name. A TLS client sends it first, so a longer wait does
   * not help.
   */
  readonly clientHelloTimeoutMs: number;
  /** How the pods of all gateways are checked. */
  readonly podChecks: PodChecks;
  /** Whether the access log has a line for every connection. A failed connection always has one. */
  readonly logsSuccess: boolean;
  /** Open downstream connections over all traffic listeners; the health listener is outside this limit. */
  readonly maxConnections: number;
  /** The most open connections of one IPv4 address or one IPv6 /64. Absent: no limit. */
  readonly maxConnectionsPerClient?: number;
  /** File descriptors that the process may use: at least twice `maxConnections`, plus `reservedFileDescriptors`. */
  readonly fileDescriptors: number;
  /** File descriptors for all but traffic: listeners, logs, DNS, health checks, epoll. */
  readonly reservedFileDescriptors: number;
  /** Worker threads (Envoy, HAProxy) or processes (nginx). */
  readonly concurrency: number;
  /** Memory limit of the container, if it has one. An engine that can do so sheds load before it is killed. */
  readonly memoryLimitBytes?: number;
  /** What a user adds to the configuration. Absent: nothing. */
  readonly snippets?: Snippets;
  /** Writable directory of this process (sockets, pid file); empty at start. */
  readonly runDirectory: string;
}

/** One port that clients reach. */
export interface ProxyListener {
  /** Unique, a DNS label: `http`, `https`, `tcp-8443`. */
  readonly name: string;
  /** `0.0.0.0`, `::` (IPv6 only), or both, with the same port. */
  readonly addresses: string[];
  readonly port: number;
  /** Routes by TLS server name. If empty, the listener reads no bytes of the client. */
  readonly routes: ProxyRoute[];
  /** Upstream of connections that match neither an entry nor a route. Absent: such a connection is closed. */
  readonly defaultUpstream?: string;
}

/** Connections whose TLS server name matches go to `upstream`. The longest matching name wins. */
export interface ProxyRoute {
  /** `shop.example.com`, or `*.example.com` for any name below, at any depth. Lower case. */
  readonly serverName: string;
  readonly upstream: string;
}

/**
 * What clients of certain destination addresses get. The listeners are bound to all addresses, so an address need not be
 * on the node when the proxy starts.
 */
export interface ProxyEntry {
  /** Unique, a DNS label. */
  readonly name: string;
  /** IPv4 and IPv6 addresses in their canonical form. No address is in two entries. */
  readonly addresses: string[];
  /** Upstreams by name of the listener. At a listener that is not here, connections to these addresses are closed. */
  readonly upstreams: { readonly [listener: string]: string };
}

/** One port of one gateway, in the cluster or on this node. */
export type ProxyUpstream = ServiceUpstream | LocalUpstream;

interface NamedUpstream {
  /** Unique; lower-case letters, digits and dashes. A dot would split the names of Envoy's metrics. */
  readonly name: string;
  /** Whether to send a PROXY protocol header (v2; nginx v1) before the client's bytes. */
  readonly sendProxyProtocol: boolean;
}

/** Found by name. */
export interface ServiceUpstream extends NamedUpstream {
  /** The ClusterIP Service: one virtual address, kube-proxy balances. */
  readonly service: UpstreamAddress;
  /**
   * The headless Service and the pods' own port, if the gateway has one: every pod is a host that can be balanced,
   * health-checked and ejected. An engine that resolves names only at start uses `service` instead.
   */
  readonly pods?: UpstreamPods;
  readonly local?: undefined;
}

/**
 * At a loopback address of the proxy's node, without DNS. There is no health check, because there is no other gateway
 * to choose. A gateway that is about to end must still get connections until the virtual IP, which checks it too, has
 * left.
 */
export interface LocalUpstream extends NamedUpstream {
  readonly local: LocalAddress;
  readonly service?: undefined;
  readonly pods?: undefined;
}

/** A port on a loopback address of the node. */
export interface LocalAddress {
  /** `127.0.0.1`, or `::1`. */
  readonly address: string;
  readonly port: number;
}

/** A port of a host that DNS resolves. */
export interface UpstreamAddress {
  /** Fully qualified: `gateway.istio-ingress.svc.cluster.local`, without the final dot. */
  readonly host: string;
  readonly port: number;
}

/** The pods of a gateway, behind the name of its headless Service. */
export interface UpstreamPods extends UpstreamAddress {
  /** The largest number of pods, if it is known. HAProxy reserves a slot for each. */
  readonly maxPods?: number;
  /** HTTP endpoint of each pod that answers 200 when it is ready. Always asked without a PROXY header. */
  readonly health: { readonly port: number; readonly path: string };
}

/** Where the proxy answers health checks. */
export interface ProxyHealthListener {
  /** Loopback: only the node itself may reach the health endpoint. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

/** Health checks of gateway pods. */
export interface PodChecks {
  readonly intervalMs: number;
  /** Failures in a row until a pod gets no new connections. */
  readonly fall: number;
  /** Successes in a row until it gets them again. */
  readonly rise: number;
}

/** TCP keep-alive of both sides: probes of an idle connection. */
export interface TcpKeepAlive {
  readonly idleSeconds: number;
  readonly intervalSeconds: number;
  readonly probes: number;
}

/** How long a process still serves after its pod began to end. */
export interface ShutdownTimes {
  /** How long an ending process still accepts new connections, so that the virtual IP can leave the node. */
  readonly lameDuckSeconds: number;
  /** How long established connections can continue after that. */
  readonly drainSeconds: number;
}
