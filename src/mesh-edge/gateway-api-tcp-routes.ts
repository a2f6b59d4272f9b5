// TCP services as Gateway API objects: a Gateway and a TCPRoute or TLSRoute for each
import type { ApiObject } from 'cdk8s';
import { backendRef, GATEWAY_API_GROUP, GATEWAY_API_V1, gatewaySpec, OWN_NAMESPACE, parentRef, terminate } from './gateway-api';
import type { ReferenceGrants } from './reference-grants';
import type { TcpRouteVersion, TlsRouteVersion } from './route-api';
import type { RouteObjects } from './route-objects';
import { isPassthrough, isTls, tcpId } from './routed-tcp';
import type { RoutedTcp } from './routed-tcp';
import type { IngressGatewayConfig } from '../gateway/ingress-gateway-config';
import type { Labels } from '../workload/names';

/** What all routes of one edge have in common. */
export interface GatewayApiTcpContext {
  readonly objects: RouteObjects;
  readonly grants: ReferenceGrants;
  readonly gateway: IngressGatewayConfig;
  /** Of the Gateway. */
  readonly labels: Labels;
  readonly tlsRouteVersion: TlsRouteVersion;
  readonly tcpRouteVersion: TcpRouteVersion;
}

/** Makes the objects. No listener changes when another service comes or goes. */
export function makeGatewayApiTcp(context: GatewayApiTcpContext, route: RoutedTcp): ApiObject[] {
  const { objects, grants, gateway, labels, tlsRouteVersion, tcpRouteVersion } = context;
  const common = { scope: tcpId(route), name: objects.sharedName(tcpId(route)) };
  const passes = isPassthrough(route);
  // a TLSRoute finds its service by server name; a TCPRoute takes all that its listener accepts
  const [kind, version] = passes ? ['TLSRoute', tlsRouteVersion] : ['TCPRoute', tcpRouteVersion];
  return [
    objects.make({ ...common, apiVersion: GATEWAY_API_V1, kind: 'Gateway', labels, spec: gatewaySpec(gateway, [listener(route)]) }),
    objects.make({
      ...common,
      apiVersion: `${GATEWAY_API_GROUP}/${version}`,
      kind,
      spec: {
        parentRefs: [parentRef(common.name, sectionOf(route))],
        ...(passes && { hostnames: [route.serverName] }),
        rules: [{ backendRefs: [backendRef(route.backend, gateway.namespace)] }],
      },
    }),
    ...grants.grant(route.backend, kind),
  ];
}

function sectionOf(route: RoutedTcp): string {
  return isTls(route) ? 'tls' : 'tcp';
}

function listener(route: RoutedTcp): object {
  const { port, serverName, secretName } = route;
  return {
    name: sectionOf(route),
    ...(serverName && { hostname: serverName }),
    port,
    protocol: isTls(route) ? 'TLS' : 'TCP',
    ...(isTls(route) && { tls: isPassthrough(route) ? { mode: 'Passthrough' } : terminate(secretName) }),
    allowedRoutes: OWN_NAMESPACE,
  };
}
