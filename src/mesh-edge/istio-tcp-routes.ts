// TCP services as Istio's own objects: a Gateway and a VirtualService for each
import type { ApiObject } from 'cdk8s';
import { destination, ISTIO_API_VERSION } from './istio-objects';
import type { RouteObjects } from './route-objects';
import { EVERY_HOST } from './routed-host';
import { isPassthrough, isTls, tcpId } from './routed-tcp';
import type { RoutedTcp } from './routed-tcp';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';

/** Makes both objects. No listener changes when another service comes or goes. */
export function makeIstioTcp(objects: RouteObjects, gateway: IIngressGateway, route: RoutedTcp): ApiObject[] {
  const { port, serverName = EVERY_HOST, backend } = route;
  const { clusterDomain } = gateway.toIngressGatewayConfig();
  const common = { scope: tcpId(route), apiVersion: ISTIO_API_VERSION, name: objects.sharedName(tcpId(route)) };
  const to = [{ destination: destination(backend, clusterDomain) }];
  return [
    objects.make({ ...common, kind: 'Gateway', spec: { selector: gateway.selector, servers: [server(gateway, route)] } }),
    objects.make({
      ...common,
      kind: 'VirtualService',
      spec: {
        hosts: [serverName],
        gateways: [common.name],
        ...(isPassthrough(route) ? { tls: [{ match: [{ port, sniHosts: [serverName] }], route: to }] } : { tcp: [{ match: [{ port }], route: to }] }),
      },
    }),
  ];
}

function server(gateway: IIngressGateway, route: RoutedTcp): object {
  const { port: number, serverName = EVERY_HOST, secretName } = route;
  const { bindAddress } = gateway.toIngressGatewayConfig();
  return {
    port: isTls(route) ? { number, name: 'tls', protocol: 'TLS' } : { number, name: 'tcp', protocol: 'TCP' },
    ...(bindAddress !== undefined && { bind: bindAddress }),
    hosts: [serverName],
    ...(isTls(route) && { tls: isPassthrough(route) ? { mode: 'PASSTHROUGH' } : { mode: 'SIMPLE', credentialName: secretName } }),
  };
}
