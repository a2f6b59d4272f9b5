// the model of a front proxy, which each engine's renderer writes as a configuration

/** A layer-4 proxy that passes TCP through to Istio gateways. Plain data; `checkProxy` judges it, `render…` writes it. */
export interface ProxyModel {
  /** Identity of this proxy in the cluster, `<namespace>/<name>`: the first word of its health answer, by which strangers are told apart. */
  readonly name: string;
  readonly listeners: ProxyListener[];
  readonly upstreams: ProxyUpstream[];
  /** Local HTTP endpoint that answers 200 with `healthAnswer()` as long as this proxy accepts connections. */
  readonly health: ProxyHealthListener;
  /** Longest wait for one TCP connection to an upstream. */
  readonly connectTimeoutMs: number;
  /** Tries in all; HAProxy avoids the host that failed last, Envoy and nginx may meet it again. */
  readonly maxConnectAttempts: number;
  /** A connection without a byte in either direction for so long is closed. */
  readonly idleTimeoutMs: number;
  readonly keepAlive: TcpKeepAlive;
  /** How long a listener with routes waits for the TLS server name. A TLS client sends it first, so a longer wait does not help. */
  readonly clientHelloTimeoutMs: number;
  /** How the pods of all gateways are checked. */
  readonly podChecks: PodChecks;
  /** Whether a connection that ended well has a line in the access log; one that failed always has. */
  readonly logsSuccess: boolean;
  /** Open downstream connections over all traffic listeners; the health listener is outside this limit. */
  readonly maxConnections: number;
  /** Of those, the most that one IPv4 address or one IPv6 /64 may have; absent: all of them. */
  readonly maxConnectionsPerClient?: number;
  /** File descriptors that the process may use; at least twice `maxConnections`, and the reserved ones. */
  readonly fileDescriptors: number;
  /** File descriptors for all but traffic: listeners, logs, DNS, health checks, epoll. */
  readonly reservedFileDescriptors: number;
  /** Worker threads (Envoy, HAProxy) or processes (nginx). */
  readonly concurrency: number;
  /** Memory limit of the container, where it has one: an engine that can shed load before it is killed does so. */
  readonly memoryLimitBytes?: number;
  /** Write-only scratch directory of this process (sockets, pid file); empty at start. */
  readonly runDirectory: string;
}

/** One port that clients reach. */
export interface ProxyListener {
  /** Unique, a DNS label: `http`, `https`, `tcp-8443`. */
  readonly name: string;
  /** One or more of `0.0.0.0`, `::` (IPv6 only), or single addresses; all get the same port. */
  readonly addresses: string[];
  readonly port: number;
  /** Chosen by the TLS server name; empty means that the listener does not look at the bytes. */
  readonly routes: ProxyRoute[];
  /** Upstream for everything that no route matched; absent: such a connection is closed. */
  readonly defaultUpstream?: string;
}

/** Connections whose TLS server name matches go to `upstream`. The longest matching name wins. */
export interface ProxyRoute {
  /** `shop.example.com`, or `*.example.com` for any name below, at any depth. Lower case. */
  readonly serverName: string;
  readonly upstream: string;
}

/** One port of one gateway: somewhere in the cluster, or on this very node. */
export type ProxyUpstream = ServiceUpstream | LocalUpstream;

interface NamedUpstream {
  /** Unique; lower-case letters, digits and dashes, since a dot would cut Envoy's metrics in two. */
  readonly name: string;
  /** Send PROXY protocol (v2; v1 where the engine knows no other) ahead of the client's bytes. */
  readonly sendProxyProtocol: boolean;
}

/** Found by name. */
export interface ServiceUpstream extends NamedUpstream {
  /** The ClusterIP Service: one virtual address, kube-proxy balances. */
  readonly service: UpstreamAddress;
  /**
   * The headless Service and the pods' own port, where the gateway has one: every pod is a host that can be balanced,
   * health-checked and ejected. An engine that resolves names only at start uses `service` instead.
   */
  readonly pods?: UpstreamPods;
  readonly local?: undefined;
}

/**
 * At one address of the node that the proxy runs on; no name is asked for. Without a health check: there is no other gateway to choose, and one
 * that says it is about to end must still get the connections that come until the virtual IP, which asks it too, has left.
 */
export interface LocalUpstream extends NamedUpstream {
  readonly local: LocalAddress;
  readonly service?: undefined;
  readonly pods?: undefined;
}

export interface LocalAddress {
  /** `127.0.0.1`, or `::1`. */
  readonly address: string;
  readonly port: number;
}

export interface UpstreamAddress {
  /** Fully qualified: `gateway.istio-ingress.svc.cluster.local`, without the final dot. */
  readonly host: string;
  readonly port: number;
}

export interface UpstreamPods extends UpstreamAddress {
  /** The most pods that there can be, where that is known: an engine that reserves a place for each needs to know. */
  readonly maxPods?: number;
  /** HTTP endpoint of each pod that answers 200 when it is ready. Asked without a PROXY header, always. */
  readonly health: { readonly port: number; readonly path: string };
}

export interface ProxyHealthListener {
  /** Loopback: only the node itself may reach the health endpoint. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

export interface PodChecks {
  readonly intervalMs: number;
  /** Failures in a row until a pod gets no new connections. */
  readonly fall: number;
  /** Successes in a row until it gets them again. */
  readonly rise: number;
}

export interface TcpKeepAlive {
  readonly idleSeconds: number;
  readonly intervalSeconds: number;
  readonly probes: number;
}

export interface EngineOptions {
  /** How long new connections are still accepted after it is known that the process will end: a VIP needs that time to leave. */
  readonly lameDuckSeconds: number;
  /** How long established connections may go on after that. */
  readonly drainSeconds: number;
}
