// checks the result of toIngressGatewayConfig(), which a user can write too
import type { IIngressGateway } from './ingress-gateway-config';
import type { Problem } from '../validation/problem';
import { checkType } from '../validation/shapes';

/** All problems with the result of a gateway's `toIngressGatewayConfig()`. */
export function checkGatewayAnswer(gateway: IIngressGateway): Problem[] {
  return checkType(`${gateway.node.path}.toIngressGatewayConfig()`, 'IngressGatewayConfig', gateway.toIngressGatewayConfig());
}
