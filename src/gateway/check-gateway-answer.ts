// checks what another gateway says of itself: a user can write one
import type { IIngressGateway } from './ingress-gateway-config';
import type { Problem } from '../validation/problem';
import { checkType } from '../validation/shapes';
import { checkLabels, checkThat } from '../validation/values';

/** All problems with a gateway's selector, and with the result of its `toIngressGatewayConfig()`. */
export function checkGatewayAnswer(gateway: IIngressGateway): Problem[] {
  const { path } = gateway.node;
  const selector = checkType(`${path}.selector`, 'string{}', gateway.selector);
  return [
    ...(selector.length > 0 ? selector : checkSelector(`${path}.selector`, gateway.selector)),
    ...checkType(`${path}.toIngressGatewayConfig()`, 'IngressGatewayConfig', gateway.toIngressGatewayConfig()),
  ];
}

/** All problems with the selector of `Gateway` resources. Without a label, they would select every gateway of the mesh. */
export function checkSelector(what: string, selector: { [key: string]: string }): Problem[] {
  return [
    ...checkThat(Object.keys(selector).length > 0, { code: 'list-empty', what: `${what} must not be empty`, fix: 'give at least one label' }),
    ...checkLabels(what, selector),
  ];
}
