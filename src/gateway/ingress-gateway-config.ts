// what a front proxy needs to know about a gateway
import type { IConstruct } from 'constructs';
import type { GatewayListener } from './gateway-listener';
import type { EdgeNodes } from '../nodes/edge-nodes';

/**
 * An Istio ingress gateway that front proxies can send to, and that `Gateway` resources can select.
 */
export interface IIngressGateway extends IConstruct {
  /**
   * Labels of the gateway's pods: use them as the `selector` of an Istio `Gateway`.
   */
  readonly selector: { [key: string]: string };

  /**
   * Where and how the gateway is reached.
   */
  toIngressGatewayConfig(): IngressGatewayConfig;
}

/**
 * Where and how a gateway is reached.
 */
export interface IngressGatewayConfig {
  /**
   * Name of the Service with a cluster IP.
   */
  readonly serviceName: string;

  /**
   * Namespace of the Service and of the pods.
   */
  readonly namespace: string;

  /**
   * DNS domain of the cluster.
   */
  readonly clusterDomain: string;

  /**
   * Ports of the Service that carry traffic.
   */
  readonly listeners: GatewayListener[];

  /**
   * Whether every connection to these ports must begin with a PROXY protocol header.
   */
  readonly receivesProxyProtocol: boolean;

  /**
   * Loopback address of the gateway's ports: the `bind` of each server of its `Gateway` resources.
   *
   * Only processes on its own nodes reach it. Front proxies connect to this address and the target port, not to a Service.
   *
   * @default - every address
   */
  readonly bindAddress?: string;

  /**
   * Nodes of a gateway with `bindAddress`: each has a pod.
   *
   * Its front proxies run on the same nodes.
   *
   * @default - not known
   */
  readonly nodes?: EdgeNodes;

  /**
   * Name of a headless Service for the same pods.
   *
   * Front proxies that use it balance and check each pod.
   *
   * @default - none; connections go to the cluster IP
   */
  readonly headlessServiceName?: string;

  /**
   * Highest number of pods behind the headless Service: 1 to 10000. HAProxy reserves a server slot for each.
   *
   * @default - HAProxy sends traffic to at most 32 pods
   */
  readonly maxPods?: number;
}

/** Port of the health endpoint of every Istio proxy. It is a bootstrap listener and never expects a PROXY header. */
export const GATEWAY_HEALTH_PORT = 15021;

/** Path of the health endpoint. */
export const GATEWAY_HEALTH_PATH = '/healthz/ready';
