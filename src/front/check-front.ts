// checks of the props and routes of a front proxy
import { Duration } from 'cdk8s';
import { UpdateMode } from './front-proxy-props';
import type { FrontProxyProps } from './front-proxy-props';
import type { FrontRouteOptions } from './front-route';
import { MOST_CONNECTIONS, resolveListeners } from './plan';
import type { ResolvedFrontListener } from './plan';
import { checkNotIstios } from '../gateway/gateway-listener';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { Code } from '../validation/codes';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkHost, checkInteger, checkPort, checkThat } from '../validation/values';
import { checkDrainTimeout, checkDuration, checkLameDuckPeriod } from '../workload/durations';
import { checkCovered, checkReplicas } from '../workload/host-workload-checks';
import { checkMetrics } from '../workload/metrics-listener';
import { checkWorkloadOptions } from '../workload/workload-options';

/** Longer than the check of any virtual IP takes to fail. */
const LONGEST_LAME_DUCK_PERIOD = Duration.minutes(10);

type NumberProp = 'maxConnectAttempts' | 'concurrency' | 'fileDescriptors' | 'maxConnections';

/** Ranges of numbers. `checkProxy` checks the limits that depend on each other. */
const RANGES: [code: Code, prop: NumberProp, min: number, max: number][] = [
  ['attempts-out-of-range', 'maxConnectAttempts', 1, 10],
  ['concurrency-out-of-range', 'concurrency', 1, 256],
  ['file-descriptors-out-of-range', 'fileDescriptors', 1_024, 1_048_576],
  ['connections-out-of-range', 'maxConnections', 1, MOST_CONNECTIONS],
];

/** All problems with the props of a front proxy. */
export function checkFrontProps(props: FrontProxyProps): Problem[] {
  const listeners = resolveListeners(props);
  return [
    ...checkThat(listeners.length > 0, {
      code: 'list-empty', what: 'listeners must not be empty', fix: 'give at least one, or omit listeners for the ports of the gateway',
    }),
    ...checkFrontListeners(listeners, props.gateway),
    ...checkSameNodes(props, props.gateway),
    ...checkReplicas(props.replicas, props.nodes),
    ...checkUpdateMode(props),
    ...checkDuration('connectTimeout', props.connectTimeout, Duration.millis(10), Duration.minutes(1), Duration.millis(10)),
    ...checkDuration('idleTimeout', props.idleTimeout, Duration.seconds(1), Duration.days(7), Duration.seconds(1)),
    ...RANGES.flatMap(([code, prop, min, max]) => props[prop] === undefined ? [] : checkInteger(code, prop, props[prop], min, max)),
    ...(props.healthPort === undefined ? [] : checkHealthPort(props.healthPort)),
    ...checkMetrics(props.metrics),
    ...(props.metrics?.port === undefined ? [] : checkNotIstios('metrics.port', props.metrics.port)),
    ...checkLameDuckPeriod(props.lameDuckPeriod, LONGEST_LAME_DUCK_PERIOD),
    ...checkDrainTimeout(props.drainTimeout),
    ...checkWorkloadOptions(props),
  ];
}

/** All problems with ports that lead to a gateway. */
export function checkFrontListeners(listeners: ResolvedFrontListener[], gateway: IIngressGateway): Problem[] {
  return listeners.flatMap(({ port, gatewayPort }) => [
    ...checkPort('port of a listener', port),
    ...checkNotIstios('port of a listener', port),
    ...checkGatewayPort(gateway, gatewayPort),
  ]);
}

/** All problems with one more route. */
export function checkRoute(route: FrontRouteOptions, props: FrontProxyProps, taken: Set<string>): Problem[] {
  const tls = resolveListeners(props).filter(listener => listener.tls);
  return [
    ...checkDistinct('route-twice', 'serverNames', route.serverNames),
    ...route.serverNames.flatMap(name => checkHost('server name', name)),
    ...route.serverNames.filter(name => taken.has(name)).map((name): Problem => ({
      code: 'route-twice', what: 'server name has a route already', got: name, fix: 'add one route for each server name',
    })),
    ...checkThat(tls.length > 0, {
      code: 'route-without-tls',
      what: 'a route by server name needs a TLS listener',
      fix: 'set tls: true on a listener: only TLS clients send a server name (SNI)',
    }),
    ...tls.flatMap(listener => checkGatewayPort(route.gateway, route.gatewayPort ?? listener.gatewayPort)),
    ...checkSameNodes(props, route.gateway),
  ];
}

function checkHealthPort(port: number): Problem[] {
  return [...checkPort('healthPort', port), ...checkNotIstios('healthPort', port)];
}

function checkGatewayPort(gateway: IIngressGateway, port: number): Problem[] {
  const ports = gateway.toIngressGatewayConfig().listeners.map(listener => listener.port);
  return checkThat(ports.includes(port), {
    code: 'gateway-port-unknown',
    what: `gateway ${gateway.node.path} has no listener with this port`,
    got: port,
    fix: `expected ${ports.join(' or ')}: set gatewayPort, or add a listener to the gateway`,
  });
}

/** A gateway on loopback can be reached from its own node only. */
export function checkSameNodes(props: FrontProxyProps, gateway: IIngressGateway): Problem[] {
  const { nodes } = gateway.toIngressGatewayConfig();
  return nodes === undefined ? [] : checkCovered(props.nodes, nodes, {
    code: 'gateway-on-other-nodes',
    what: `gateway ${gateway.node.path} listens on the loopback address, but does not run on every node of the front proxy`,
  });
}

function checkUpdateMode(props: FrontProxyProps): Problem[] {
  return checkThat(props.replicas === undefined || props.updateMode !== UpdateMode.HITLESS, {
    code: 'update-mode-unavailable',
    what: 'updateMode of a Deployment cannot be hitless',
    got: props.updateMode,
    fix: 'omit replicas for a DaemonSet, or use UpdateMode.REPLACE',
  });
}
