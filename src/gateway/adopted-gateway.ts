// a gateway that is already installed: a reference that makes no object
import { Construct } from 'constructs';
import { checkSelector } from './check-gateway-answer';
import { checkGatewayListeners, resolveGatewayListeners } from './gateway-listener';
import type { GatewayListener } from './gateway-listener';
import type { IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
import { CLUSTER_DOMAIN } from './istio-options';
import { throwIfAny } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkThat } from '../validation/values';
import { removeFailed } from '../workload/failed-construct';
import { namespaceOf } from '../workload/names';

/**
 * Options for `IngressGateway.fromService()`.
 */
export interface IngressGatewayFromServiceOptions {
  /**
   * Name of the gateway's Service with a cluster IP.
   */
  readonly name: string;

  /**
   * Namespace of that Service.
   *
   * @default - the chart's namespace
   */
  readonly namespace?: string;

  /**
   * Ports of the Service; istioctl's maps 80 to 8080 and 443 to 8443.
   *
   * @default - 80 and 443, to target ports 80 and 443
   */
  readonly listeners?: GatewayListener[];

  /**
   * Name of a headless Service for the same pods. Its target ports must be those of the listeners.
   *
   * @default - none; connections go to the cluster IP
   */
  readonly headlessName?: string;

  /**
   * Labels of the gateway's pods, for `Gateway` resources.
   *
   * @default - istio: ingressgateway
   */
  readonly selector?: { [key: string]: string };

  /**
   * DNS domain of the cluster.
   *
   * @default "cluster.local"
   */
  readonly clusterDomain?: string;

  /**
   * Whether the gateway expects PROXY protocol on these ports.
   *
   * @default false
   */
  readonly receivesProxyProtocol?: boolean;
}

/** What `IngressGateway.fromService()` returns. */
export class AdoptedGateway extends Construct implements IIngressGateway {
  public readonly selector: { [key: string]: string };
  private readonly config: IngressGatewayConfig;

  constructor(scope: Construct, id: string, options: IngressGatewayFromServiceOptions) {
    super(scope, id);
    try {
      const listeners = resolveGatewayListeners(options.listeners);
      const namespace = options.namespace ?? namespaceOf(this);
      this.selector = { ...options.selector ?? { istio: 'ingressgateway' } };
      this.config = {
        serviceName: options.name,
        headlessServiceName: options.headlessName,
        namespace,
        listeners,
        clusterDomain: options.clusterDomain ?? CLUSTER_DOMAIN,
        receivesProxyProtocol: options.receivesProxyProtocol ?? false,
      };
      throwIfAny([
        ...checkDnsLabel('name', options.name),
        ...checkDnsLabel('namespace', namespace),
        ...(options.headlessName === undefined ? [] : checkDnsLabel('headlessName', options.headlessName)),
        ...checkDnsName('name-invalid', 'clusterDomain', this.config.clusterDomain),
        ...checkSelector('selector', this.selector),
        ...checkThat(options.headlessName === undefined || options.listeners !== undefined, {
          code: 'listeners-missing',
          what: 'headlessName needs listeners',
          got: options.headlessName,
          fix: 'give the ports of the pods: listeners: [{ port: 80, targetPort: 8080 }, …]',
        }),
        ...checkGatewayListeners(listeners),
      ], this.node.path);
    } catch (error) {
      removeFailed(this);
      throw error;
    }
  }

  public toIngressGatewayConfig(): IngressGatewayConfig {
    return this.config;
  }
}
