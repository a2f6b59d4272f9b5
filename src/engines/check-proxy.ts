// checks a proxy model for problems of several props together; renderers take a model that passed
import type { LocalAddress, ProxyModel, ProxyUpstream, ServiceUpstream } from './proxy-model';
import { checkLoopback } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkDnsName, checkInteger, checkPort, checkThat } from '../validation/values';

/** HAProxy's configuration has a line for each pod. */
const MAX_PODS = 10_000;

/** The most connections that fit: each takes two descriptors, one to the client and one to the gateway. */
export function connectionsWithin(fileDescriptors: number, reserved: number): number {
  return Math.max(1, Math.floor((fileDescriptors - reserved) / 2));
}

/**
 * All problems that each prop alone does not show: equal ports, limits that depend on each other, and gateways that a user
 * wrote.
 */
export function checkProxy(model: ProxyModel): Problem[] {
  return [
    ...checkPortsDistinct(model),
    ...model.upstreams.flatMap(checkUpstream),
    ...checkLimits(model),
  ];
}

function checkPortsDistinct({ listeners, health, metrics }: ProxyModel): Problem[] {
  const uses = [
    ...listeners.map(({ port }) => ({ port, use: 'a listener' })),
    { port: health.port, use: 'the health endpoint (healthPort)' },
    ...(metrics ? [{ port: metrics.port, use: 'metrics (metrics.port)' }] : []),
  ];
  return uses.flatMap(({ port, use }, index): Problem[] => {
    const earlier = uses.slice(0, index).find(other => other.port === port);
    return earlier === undefined ? [] : [{
      code: 'port-twice',
      what: `${use} has the port of ${earlier.use === use ? 'another listener' : earlier.use}`,
      got: port,
      fix: 'give each of them a port of its own',
    }];
  });
}

function checkUpstream(upstream: ProxyUpstream): Problem[] {
  const what = `upstream ${JSON.stringify(upstream.name)}`;
  const isValid = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(upstream.name);
  const name = checkThat(isValid, {
    code: 'name-invalid',
    what: 'name of an upstream is not valid',
    got: upstream.name,
    fix: 'expected lower-case letters, digits and dashes, with a letter or digit first and last',
  });
  return [...name, ...(upstream.local ? checkLocal(what, upstream.local) : checkNames(what, upstream))];
}

function checkNames(what: string, { service, pods }: ServiceUpstream): Problem[] {
  return [
    ...[service, ...(pods ? [pods] : [])].flatMap(address => [
      ...checkDnsName('upstream-invalid', `host of ${what}`, address.host),
      ...checkPort(`port of ${what}`, address.port),
    ]),
    ...(pods?.maxPods === undefined
      ? []
      : checkInteger('pods-out-of-range', `maxPods of ${what}`, pods.maxPods, 1, MAX_PODS)),
  ];
}

function checkLocal(what: string, { address, port }: LocalAddress): Problem[] {
  return [...checkLoopback(`address of ${what}`, address), ...checkPort(`port of ${what}`, port)];
}

function checkLimits(model: ProxyModel): Problem[] {
  const fitting = connectionsWithin(model.fileDescriptors, model.reservedFileDescriptors);
  return [
    ...checkThat(model.maxConnections <= fitting || !Number.isInteger(model.maxConnections), {
      code: 'connections-over-file-descriptors',
      what: 'maxConnections is too high for fileDescriptors',
      got: model.maxConnections,
      fix: `expected at most ${fitting} with ${model.fileDescriptors} file descriptors: a connection takes two`,
    }),
    ...checkPerClient(model),
  ];
}

function checkPerClient({ maxConnections, maxConnectionsPerClient: limit }: ProxyModel): Problem[] {
  return limit === undefined
    ? []
    : checkInteger('connections-per-client-out-of-range', 'maxConnectionsPerClient', limit, 1, maxConnections);
}
