// checks what a gateway says of itself
import type { IIngressGateway } from './ingress-gateway-config';
import type { Problem } from '../validation/problem';
import { checkType } from '../validation/shapes';

/** All problems with the configuration that a gateway returns. A gateway of the user's own can return anything. */
export function checkGatewayAnswer(gateway: IIngressGateway): Problem[] {
  return checkType(`${gateway.node.path}.toIngressGatewayConfig()`, 'IngressGatewayConfig', gateway.toIngressGatewayConfig());
}
