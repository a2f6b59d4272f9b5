// options that all gateways share, on the nodes and on the pod network
import type { Duration } from 'cdk8s';
import type { GatewayTopology } from './gateway-topology';
import type { EdgePodOptions } from '../workload/workload-options';

/**
 * Options of every gateway whose pods this library shapes.
 */
export interface GatewayOptions extends EdgePodOptions {
  /**
   * How far the gateway trusts the HTTP proxies in front of it.
   *
   * The annotation `proxy.istio.io/config` would replace this setting and the one for PROXY protocol. Giving both is an error.
   *
   * @default - Istio's: no proxy is trusted
   */
  readonly gatewayTopology?: GatewayTopology;

  /**
   * Whether Istio applies its EDGE profile, for gateways that face the internet.
   *
   * The profile sets what Envoy recommends for edge proxies. A request must arrive within 5 minutes, its headers within 60 seconds.
   * Idle connections end after an hour. An HTTP/2 connection carries at most 100 requests at once. Buffers are 32 KiB. A request with
   * an underscore in the name of a header gets a 400.
   * Needs Istio 1.31; an older version ignores it.
   *
   * @default false
   * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-ConnectionSettings
   */
  readonly edgeProfile?: boolean;

  /**
   * How long connections may last after a pod is told to stop: 10 seconds to 1 hour, whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly drainTimeout?: Duration;
}
