// what a front proxy needs to know about a gateway
import type { IConstruct } from 'constructs';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { ISTIO_PROXY_PORTS } from '../nodes/host-port-claims';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkPort } from '../validation/values';

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
   * Highest number of pods behind the headless Service. HAProxy reserves a server slot for each.
   *
   * @default - HAProxy sends traffic to at most 32 pods
   */
  readonly maxPods?: number;
}

/**
 * A port of a gateway's Service, and the port of the pods behind it.
 */
export interface GatewayListener {
  /**
   * Port of the Service, and of the servers in `Gateway` resources: 1 to 65535.
   */
  readonly port: number;

  /**
   * Port on which the gateway's Envoy listens: istiod reads it from the Service.
   *
   * @default - the port of the Service; `IngressGateway` listens on 8080 for 80 and on 8443 for 443
   */
  readonly targetPort?: number;
}

/** Port of the health endpoint of every Istio proxy. It is a bootstrap listener and never expects a PROXY header. */
export const GATEWAY_HEALTH_PORT = 15021;

/** Path of the health endpoint. */
export const GATEWAY_HEALTH_PATH = '/healthz/ready';

/** Listeners with both ports filled in. */
export type ResolvedListener = Required<GatewayListener>;

/** Fills in both ports of each listener; without listeners 80 and 443. */
export function resolveGatewayListeners(
  listeners: GatewayListener[] = [{ port: 80 }, { port: 443 }], targetOf: (port: number) => number = port => port,
): ResolvedListener[] {
  return listeners.map(({ port, targetPort }) => ({ port, targetPort: targetPort ?? targetOf(port) }));
}

/** All problems with a gateway's listeners. */
export function checkGatewayListeners(listeners: ResolvedListener[]): Problem[] {
  return [
    ...checkDistinct('port-twice', 'ports of listeners', listeners.map(listener => String(listener.port))),
    ...checkDistinct('port-twice', 'target ports of listeners', listeners.map(listener => String(listener.targetPort))),
    ...listeners.flatMap(({ port, targetPort }) => [
      ...checkPort('port of a listener', port),
      ...checkPort('targetPort of a listener', targetPort),
      ...checkNotIstios('port of a listener', port),
      ...(port === targetPort ? [] : checkNotIstios('targetPort of a listener', targetPort)),
    ]),
  ];
}

/** A port that Istio's proxy uses itself cannot carry traffic. */
export function checkNotIstios(what: string, port: number): Problem[] {
  const owner = ISTIO_PROXY_PORTS[port];
  return owner === undefined ? [] : [{
    code: 'port-reserved-by-istio',
    what: `${what} is used by Istio's proxy (${owner})`,
    got: port,
    fix: `choose a port that is not ${Object.keys(ISTIO_PROXY_PORTS).join(', ')}`,
  }];
}
