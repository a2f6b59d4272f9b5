// checks that a tracked listener fits a virtual IP: same nodes, same IP families, and a lame-duck period that is long enough
import type { Duration } from 'cdk8s';
import { checkHandoverPorts } from './check-handover';
import type { Handover } from './handover';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import { msToFail } from './plan';
import type { HostHealthEndpoint, HostListenerConfig, IHostListener } from '../nodes/host-listener';
import { checkLoopback } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkType } from '../validation/shapes';
import { checkDistinct, checkInteger, checkPort, checkThat } from '../validation/values';
import { checkCovered } from '../workload/host-workload-checks';
import { nameOf } from '../workload/names';

/** All problems between a virtual IP and its listeners. */
export function checkTracked(props: KeepalivedVipProps, handover: Handover, tracked: IHostListener[]): Problem[] {
  if (tracked.length === 0) {
    return [{
      code: 'vip-tracks-nothing',
      what: 'the virtual IP has no health check',
      fix: 'call track() with the front proxy or host gateway of these nodes',
    }];
  }
  const configs = tracked.map(listener => listener.toHostListenerConfig());
  return [
    ...checkDistinct('check-twice', 'names of the tracked listeners', tracked.map(nameOf)),
    ...checkHandoverPorts(handover, configs),
    ...configs.flatMap((config, index) => checkListener(props, tracked[index].node.path, config)),
  ];
}

function checkListener(props: KeepalivedVipProps, path: string, config: HostListenerConfig): Problem[] {
  const ipv6 = props.virtualAddresses.flatMap(address => address.addresses).find(address => address.includes(':'));
  const neededMs = msToFail(props);
  return [
    ...checkNodes(props, path, config),
    ...checkThat(ipv6 === undefined || config.ipv6 === true, {
      code: 'listener-without-ipv6',
      what: `the virtual address is IPv6, but ${path} listens on IPv4 only`,
      got: ipv6,
      fix: 'set ipv6: true on a front proxy; a host gateway on dual-stack nodes needs istiod with ISTIO_DUAL_STACK=true and '
        + 'istio: { dualStack: true }; on IPv6-only nodes it needs EdgeNodes.of()',
    }),
    ...checkThat(neededMs <= secondsOf(config.lameDuckPeriod) * 1000, {
      code: 'lame-duck-too-short',
      what: `lameDuckPeriod of ${path} must be at least ${neededMs / 1000} s, the time until the check of the virtual IP fails`,
      got: `${secondsOf(config.lameDuckPeriod)} s`,
      fix: lameDuckFix(Math.ceil(neededMs / 1000), config.longestLameDuckPeriod),
    }),
  ];
}

/** All problems with the answer of a listener. A listener that a user wrote can answer anything. */
export function checkAnswer(listener: IHostListener): Problem[] {
  const config = listener.toHostListenerConfig();
  const problems = checkType(`${listener.node.path}.toHostListenerConfig()`, 'HostListenerConfig', config);
  return problems.length > 0 ? problems : checkHealth(`health endpoint of ${listener.node.path}`, config.health);
}

/** Linux uses the highest number, 4294967295, for "no user". */
const MAX_UID = 4_294_967_294;

function checkHealth(what: string, { address, secondAddress, port, path, user }: HostHealthEndpoint): Problem[] {
  return [
    ...checkLoopback(`address of the ${what}`, address),
    ...(secondAddress === undefined ? [] : checkLoopback(`secondAddress of the ${what}`, secondAddress)),
    ...checkPort(`port of the ${what}`, port),
    ...(user === undefined ? [] : checkInteger('user-out-of-range', `user of the ${what}`, user, 0, MAX_UID)),
    ...checkThat(/^\/[A-Za-z0-9._/?&=:,+%-]*$/.test(path), {
      code: 'check-path-invalid',
      what: `path of the ${what} is not a URL path`,
      got: path,
      fix: 'begin with /, and percent-encode special characters',
    }),
  ];
}

function lameDuckFix(neededSeconds: number, longest?: Duration): string {
  return longest && neededSeconds > secondsOf(longest)
    ? `check more often, because lameDuckPeriod can be at most ${secondsOf(longest)} s here`
    : `set lameDuckPeriod to ${neededSeconds} s, or check more often`;
}

/** A user's listener can have any duration. By way of milliseconds, because toSeconds() makes 0.5005000000000001 s of 500.5 ms. */
function secondsOf(duration: Duration): number {
  return duration.toMilliseconds({ integral: false }) / 1000;
}

/** A node without the listener can never hold an address, and a rollout of keepalived would stop there. */
function checkNodes({ nodes }: KeepalivedVipProps, path: string, { nodes: theirs, replicas }: HostListenerConfig): Problem[] {
  const problem = { code: 'vip-node-without-listener' as const, what: `${path} does not run on every node of the virtual IP` };
  return [
    ...checkCovered(nodes, theirs, problem),
    ...checkThat(replicas === undefined || replicas >= nodes.hostnames.length, {
      ...problem, got: replicas, fix: 'omit replicas for a DaemonSet, or use as many replicas as nodes',
    }),
  ];
}
