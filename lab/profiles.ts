// how much a run measures: ci is enough for every change, full measures everything

import { Example, EXAMPLES, HA_EDGE } from './edge/examples';
import { QuietLoad } from './traffic/quiet-load';

export interface Profile {
  readonly name: 'ci' | 'full';
  /** The scenarios that `all` runs. @default - every scenario */
  readonly scenarios?: string[];
  /** Rounds of each fault, unless `--rounds` is given. */
  readonly rounds: number;
  /** Examples whose front proxies get faults. The front proxies of other examples only serve. */
  readonly faultyFronts: Example[];
  /** Milliseconds between two connections while gateways are killed. 1 ms uses two cores completely. */
  readonly gatewayLoads: number[];
  /** Tries of a scenario to meet its criteria: a shared machine can pause for a second. All are logged. */
  readonly tries: number;
  /** Minimum of new connections while front proxies are updated. Updates repeat until it is reached. */
  readonly updateConnections: number;
  /**
   * How long a connection stays silent. It is longer than common idle timeouts.
   * They are 50 s in HAProxy's manual, 5 minutes in Envoy, 10 minutes in nginx. CI has time for the first one only.
   */
  readonly silenceSeconds: (engine: Example['engine']) => number;
  /** Connections that are open while a virtual IP moves, and new ones a second meanwhile. */
  readonly handover: { readonly open: number; readonly perSecond: number };
  /** What the scenario `monitoring` does with objects for the Prometheus operator, and then with annotations. */
  readonly monitoring: MonitoringProfile[];
  /** How long cluster DNS is down. */
  readonly dnsOutageSeconds: number;
  /** How long a node is busy, or has neither DNS nor a gateway. kubelet restarts a container after less than a minute. */
  readonly busySeconds: number;
  /**
   * What a busy machine may add to a time: CI checks only whether the mechanism works.
   * Without it, failover would wait for kubelet's probes or never happen, which takes far longer than this slack.
   */
  readonly slackSeconds: number;
  /** Whether the lab keeps the figures in lab/results.md and lab/results.json. */
  readonly keepsResults: boolean;
}

export interface MonitoringProfile extends QuietLoad {
  /** Names of the faults. @default - every fault */
  readonly faults?: string[];
}

const TWO_FAULTS = ['nodes do not hear each other', 'connections above 80 % of the limit'];

export const CI: Profile = {
  name: 'ci',
  // these take half an hour; the others take longer, or test what changes rarely
  scenarios: ['apply', 'gateway-api', 'failover', 'proxy-faults', 'check-faults', 'gateway-faults', 'rolling-update', 'keepalived-update', 'handover', 'monitoring', 'loopback', 'doctor', 'operate', 'pages', 'istio-upgrade', 'istio-routes', 'istio-gateways', 'istio-drift'],
  rounds: 3,
  faultyFronts: [HA_EDGE],
  gatewayLoads: [10],
  tries: 3,
  updateConnections: 1,
  silenceSeconds: () => 66,
  handover: { open: 300, perSecond: 200 },
  monitoring: [{ faults: TWO_FAULTS, quietSeconds: 20, updates: [] }],
  dnsOutageSeconds: 30,
  busySeconds: 75,
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
  handover: { open: 5_000, perSecond: 500 },
  // both ways read the same metrics with the same rules, so one of them is enough for every fault
  monitoring: [
    { quietSeconds: 300, updates: ['front-proxy', 'virtual-ip'] },
    { faults: TWO_FAULTS, quietSeconds: 300, updates: ['front-proxy', 'virtual-ip'] },
  ],
  dnsOutageSeconds: 120,
  busySeconds: 600,
  slackSeconds: 0,
  keepsResults: true,
};
