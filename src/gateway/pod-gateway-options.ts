// what can be chosen of a gateway on the pod network: its pods are filled in by the injector or by istiod
import type { Duration } from 'cdk8s';
import type { IngressGatewayAutoscaling } from './autoscaling';
import type { GatewayTopology } from './gateway-topology';
import type { GatewayListener } from './ingress-gateway-config';
import type { EdgePodOptions } from '../workload/workload-options';

/**
 * What can be chosen of every gateway on the pod network.
 */
export interface PodGatewayOptions extends EdgePodOptions {
  /**
   * Number of pods, 1 to 1000; not together with `autoscaling`.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Let CPU use decide on the number of pods.
   *
   * @default - a fixed number
   */
  readonly autoscaling?: IngressGatewayAutoscaling;

  /**
   * Ports of the gateway.
   *
   * @default - 80 and 443; the pods listen on 8080 and 8443, which needs no privilege
   */
  readonly listeners?: GatewayListener[];

  /**
   * Whether front proxies send PROXY protocol. Then nothing else reaches the gateway.
   *
   * @default false
   */
  readonly receivesProxyProtocol?: boolean;

  /**
   * How far the gateway trusts the HTTP proxies before it.
   *
   * The annotation `proxy.istio.io/config` would replace it, and PROXY protocol with it: beside one of the two it is an error.
   *
   * @default - Istio's: no proxy is trusted
   */
  readonly gatewayTopology?: GatewayTopology;

  /**
   * Whether Istio applies its EDGE profile, for gateways that face the internet.
   *
   * It is what Envoy recommends. Requests must arrive within 5 minutes and their headers within 60 seconds. Idle connections end
   * after an hour. 100 requests go at once over an HTTP/2 connection, and buffers are 32 KiB. A request is refused with 400 where
   * the name of a header has an underscore.
   * Needs Istio 1.31: an older one ignores it.
   *
   * @default false
   * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-ConnectionSettings
   */
  readonly edgeProfile?: boolean;

  /**
   * How long established connections may go on when a pod ends: 10 seconds to 1 hour, whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly drainTimeout?: Duration;
}
