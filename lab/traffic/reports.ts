// the fields of labtool's reports that scenarios read

export interface Outage {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly seconds: number;
  readonly bad: number;
  readonly by: { [kind: string]: number };
  /** True if the outage had not ended when the probe ended. */
  readonly open: boolean;
}

export interface ProbeReport {
  readonly probes: number;
  readonly bad: number;
  readonly outages: Outage[];
  readonly longestOutageSeconds: number;
  readonly worstStepMs: number;
  readonly pods: { [name: string]: number };
}

export interface LoadReport {
  readonly started: number;
  readonly seconds: number;
  readonly requests: number;
  readonly ok: number;
  readonly failed: number;
  readonly failedBy: { [kind: string]: number };
  readonly failedAt: { [second: string]: number };
  readonly connections: number;
  readonly pods: { [name: string]: number };
  readonly clients: { [address: string]: number };
  readonly latencyMs: { [quantile: string]: number };
  readonly longestGapMs: number;
  readonly requestsPerSecond: number;
}

export interface VipsReport {
  readonly started: number;
  readonly seconds: number;
  readonly changes: { readonly at: number; readonly holders: string[] }[];
  readonly longestTwoHoldersSeconds: number;
  readonly longestNoHolderSeconds: number;
}

/** The backend's answer to one request. */
export interface Answer {
  readonly pod: string;
  readonly scheme: string;
  readonly client: string;
  readonly peer: string;
  readonly proxyProtocol: string;
  /** The client's server name (SNI), if TLS reached the backend. */
  readonly serverName?: string;
  readonly forwardedFor?: string;
}

export interface HoldReport {
  /** Connections that were answered when they were new. `answeredAgain`: also after the silence. */
  readonly answered: number;
  readonly answeredAgain: number;
  readonly failedBy: { [kind: string]: number };
}

/** Kinds are idle, trickle, download, upload, websocket and grpc. */
export interface StreamsReport {
  readonly opened: { [kind: string]: number };
  readonly notOpened: { [kindAndReason: string]: number };
  /** Opened ones that broke or carried a wrong byte. */
  readonly broken: { [kindAndReason: string]: number };
  readonly brokenPeers: { [address: string]: number };
  readonly brokenAt: { [second: string]: number };
  /** Opened ones, by the address from which the backend got them. */
  readonly peers: { [address: string]: number };
  readonly longestStallMs: { [kind: string]: number };
  readonly bytes: number;
}

export interface GrpcReport {
  readonly unary: number;
  readonly streams: number;
  /** Shortest time from a stream's first message to its last. */
  readonly spreadMs: number;
  readonly failedBy: { [kind: string]: number };
}

export interface DownloadReport {
  /** Number of correct bytes before the first wrong or missing one. */
  readonly bytes: number;
  readonly seconds: number;
  readonly failed?: string;
}
