// what labtool prints, as far as scenarios read it

export interface Outage {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly seconds: number;
  readonly bad: number;
  readonly by: { [kind: string]: number };
  /** Not over when the probing ended. */
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

/** What the backend says of one request. */
export interface Answer {
  readonly pod: string;
  readonly scheme: string;
  readonly client: string;
  readonly peer: string;
  readonly proxyProtocol: string;
}
