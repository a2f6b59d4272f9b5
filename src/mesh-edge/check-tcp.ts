// checks of exposeTcp()
import { checkBackend, checkFullHost, checkTlsSecret } from './check-exposure';
import type { ExposureContext } from './check-exposure';
import type { ExposeTcpOptions } from './expose-options';
import { checkTcpRouteVersion, checkTlsRouteVersion } from './route-api';
import { HTTP_PORT, HTTPS_PORT } from './routed-host';
import { isPassthrough, isTls } from './routed-tcp';
import type { RoutedTcp } from './routed-tcp';
import { checkNotIstios } from '../gateway/gateway-listener';
import type { GatewayListener } from '../gateway/gateway-listener';
import { checkNotNodes } from '../nodes/node-ports';
import type { Problem } from '../validation/problem';
import { checkPort, checkThat } from '../validation/values';

/** All problems with a TCP service. `others` are those of the same gateway so far. */
export function checkTcp(port: number, options: ExposeTcpOptions, context: ExposureContext, others: RoutedTcp[]): Problem[] {
  const { serverName, tlsSecretName } = options;
  const name = serverName === undefined ? [] : checkFullHost(serverName, 'serverName');
  const range = checkPort('edgePort', port);
  const { routeApi, istio } = context;
  const route = { port, serverName, secretName: tlsSecretName };
  return [
    ...(range.length > 0 ? range : checkEdgePort(port, context)),
    ...name,
    ...(tlsSecretName === undefined ? [] : checkTlsSecret(tlsSecretName, context)),
    ...checkBackend(options),
    ...(isPassthrough(route) ? checkTlsRouteVersion(routeApi, istio.version, 'exposeTcp()') : checkTcpRouteVersion(routeApi, istio.version)),
    ...others.filter(other => other.port === port).flatMap(other => checkShared(route, other)).slice(0, 1),
  ];
}

/** What a port needs to know of a service. */
type PortUse = Pick<RoutedTcp, 'port' | 'serverName' | 'secretName'>;

/** The problem of two services with one port, if server names do not tell their connections apart. */
export function checkShared(route: PortUse, other: PortUse): Problem[] {
  const { port, serverName } = route;
  return [
    ...checkThat(isTls(route) === isTls(other), {
      code: 'port-protocol-mixed',
      what: `port ${port} has a service ${isTls(other) ? 'with' : 'without'} TLS already`,
      got: isTls(route) ? serverName ?? 'tlsSecretName' : 'neither serverName nor tlsSecretName',
      fix: 'use another port, or give each service of the port a serverName',
    }),
    ...checkThat(isTls(route) !== isTls(other) || serverName !== other.serverName, serverName === undefined ? {
      code: 'port-twice',
      what: 'this port has a service already',
      got: port,
      fix: 'use another port, or give TLS services of one port a serverName each',
    } : {
      code: 'route-twice',
      what: `port ${port} has a service with this server name already`,
      got: serverName,
      fix: 'add each server name once to a port',
    }),
  ];
}

/** The port must be free at the front proxy, and one that the gateway has or can get. */
function checkEdgePort(port: number, { gateway, frontProxy, frontEntry, openGatewayPort }: ExposureContext): Problem[] {
  const { listeners, bindAddress } = gateway.toIngressGatewayConfig();
  const ports = listeners.map(listener => listener.port);
  const listener = frontProxy?._listenersOf(frontEntry).find(known => known.port === port);
  const opensOnNodes = frontProxy ? listener === undefined : !ports.includes(port);
  return [
    ...checkNotIstios('edgePort', port),
    ...(opensOnNodes ? checkNotNodes('edgePort', port) : []),
    ...(opensOnNodes && bindAddress !== undefined ? checkNotGateways(port, listeners) : []),
    ...checkThat(port !== HTTP_PORT && port !== HTTPS_PORT, {
      code: 'port-reserved-by-edge',
      what: 'this port belongs to expose()',
      got: port,
      fix: port === HTTPS_PORT ? 'choose another port, or call exposeTlsPassthrough(), which chooses the service by server name' : 'choose another port',
    }),
    ...(frontProxy && listener === undefined ? frontProxy._checkListener(port, frontEntry) : []),
    ...checkThat(listener === undefined || (listener.gatewayPort ?? port) === port, {
      code: 'gateway-port-unreachable',
      what: `the listener ${port} of ${frontProxy?.node.path} forwards to another port of the gateway`,
      got: listener?.gatewayPort,
      fix: 'choose another port, or omit gatewayPort of this listener',
    }),
    ...checkThat(openGatewayPort !== undefined || ports.includes(port), {
      code: 'gateway-port-unknown',
      what: `gateway ${gateway.node.path} is not the edge's own, and has no listener with this port`,
      got: port,
      fix: `add the port to its Service and to its listeners, which are ${ports.join(', ')}`,
    }),
  ];
}

/** A gateway on loopback has ports of its own on the nodes, beside those of the front proxy. */
function checkNotGateways(edgePort: number, listeners: GatewayListener[]): Problem[] {
  const held = listeners.find(({ targetPort }) => targetPort === edgePort);
  return checkThat(held === undefined, {
    code: 'host-port-clash', what: `the gateway has this port of the nodes' loopback address for its port ${held?.port}`, got: edgePort, fix: 'choose another port',
  });
}
