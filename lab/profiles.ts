// how much is run: enough for every change, or all of it

import { Example, EXAMPLES, HA_EDGE } from './edge/examples';

export interface Profile {
  readonly name: 'ci' | 'full';
  /** What `all` means. @default - every scenario */
  readonly scenarios?: string[];
  /** How often each fault happens, unless `--rounds` says otherwise. */
  readonly rounds: number;
  /** Whose front proxies are broken; the other examples only serve. */
  readonly faultyFronts: Example[];
  /** Milliseconds between two connections while gateways are killed. 1 ms takes all that two cores have. */
  readonly gatewayLoads: number[];
  /** How often a scenario may try to meet its criteria: a shared machine can stand still for a second. Each try is told. */
  readonly tries: number;
  /** New connections while a kind of front proxy is updated, at least; the updates go on until there were so many. */
  readonly updateConnections: number;
  /**
   * Nothing is said on a connection for so long: more than what others cut it after, which is 50 s in HAProxy's manual, 5 minutes for a stream in
   * Envoy, which every gateway is, and 10 minutes in nginx. CI has no time but for the first.
   */
  readonly silenceSeconds: (engine: Example['engine']) => number;
  /** Cluster DNS is away for so long. */
  readonly dnsOutageSeconds: number;
  /**
   * What a busy machine may add to a time before CI calls it a failure. The goals are the full profile's; CI asks whether the mechanism works:
   * without it, each of these times would be that of a kubelet's probes, or have no end.
   */
  readonly slackSeconds: number;
  /** Whether the figures are kept, in lab/results.md and lab/results.json. */
  readonly keepsResults: boolean;
}

export const CI: Profile = {
  name: 'ci',
  // less than half an hour, Istio's a third of it; the others take longer, or show what changes rarely
  scenarios: ['apply', 'gateway-api', 'failover', 'proxy-faults', 'check-faults', 'gateway-faults', 'rolling-update', 'keepalived-update', 'loopback', 'istio-upgrade', 'istio-routes', 'istio-gateways', 'istio-drift'],
  rounds: 3,
  faultyFronts: [HA_EDGE],
  gatewayLoads: [10],
  tries: 3,
  updateConnections: 1,
  silenceSeconds: () => 66,
  dnsOutageSeconds: 30,
  slackSeconds: 1,
  keepsResults: false,
};

export const FULL: Profile = {
  name: 'full',
  rounds: 10,
  faultyFronts: EXAMPLES.filter(({ name }) => ['ha-edge', 'front-haproxy', 'front-nginx'].includes(name)),
  gatewayLoads: [3],
  tries: 1,
  updateConnections: 50_000,
  silenceSeconds: engine => engine === 'nginx' ? 660 : 330,
  dnsOutageSeconds: 120,
  slackSeconds: 0,
  keepsResults: true,
};
