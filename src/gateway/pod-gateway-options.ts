// options of both gateways on the pod network: the injector or istiod completes their pods
import type { IngressGatewayAutoscaling } from './autoscaling';
import type { GatewayListener } from './gateway-listener';
import type { GatewayOptions } from './gateway-options';

/**
 * Options of every gateway on the pod network.
 */
export interface PodGatewayOptions extends GatewayOptions {
  /**
   * Number of pods, 1 to 1000; not together with `autoscaling`.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Scale the number of pods by CPU use.
   *
   * @default - a fixed number
   */
  readonly autoscaling?: IngressGatewayAutoscaling;

  /**
   * Ports of the gateway.
   *
   * @default - 80 and 443; the pods listen on 8080 and 8443, which need no privilege
   */
  readonly listeners?: GatewayListener[];
}

/**
 * Properties that the gateways on the pod network share.
 */
export interface PodGatewayProps extends PodGatewayOptions {
  /**
   * Whether front proxies send PROXY protocol. Connections without a PROXY header then fail.
   *
   * @default false
   */
  readonly receivesProxyProtocol?: boolean;
}
