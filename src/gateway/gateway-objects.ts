// the objects of every gateway besides its pods: ServiceAccount, right to read TLS secrets, Service
import { Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ResolvedListener } from './gateway-listener';
import { GATEWAY_HEALTH_PATH, GATEWAY_HEALTH_PORT } from './ingress-gateway-config';
import { patchService, patchServicePorts } from '../workload/kplus-patches';
import { nameOf, namespaceOf, selectorLabels, standardLabels } from '../workload/names';
import type { Labels } from '../workload/names';
import { metadataOf } from '../workload/workload-options';
import type { EdgePodOptions, ObjectMetadata } from '../workload/workload-options';

const APPLICATION = 'istio-ingress-gateway';

/** uid that Istio's proxy runs as. */
export const ISTIO_PROXY_USER = 1337;

/** CPU and memory as in Istio's chart, without its CPU limit. */
export const GATEWAY_RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(100) },
  memory: { request: Size.mebibytes(128), limit: Size.gibibytes(1) },
};

/**
 * Istio's injector would probe every 15 seconds. A pod that is ready after 3 seconds would get connections after 16, and an unhealthy
 * pod would get connections for another minute.
 */
export function gatewayReadiness(): kplus.Probe {
  return kplus.Probe.fromHttpGet(GATEWAY_HEALTH_PATH, {
    port: GATEWAY_HEALTH_PORT, periodSeconds: Duration.seconds(2), timeoutSeconds: Duration.seconds(3), failureThreshold: 4,
  });
}

/** What all objects of a gateway have in common. */
export interface GatewayMetadata extends ObjectMetadata {
  /** Labels by which Services, workloads and `Gateway` resources find the pods. */
  readonly selector: { [key: string]: string };
}

/** Prefixes of the labels that the injector, istiod and our selectors read. */
export const ISTIO_LABELS = [
  'istio', 'istio.io/', 'sidecar.istio.io/', 'service.istio.io/', 'topology.istio.io/', 'gateway.istio.io/', 'gateway.networking.k8s.io/',
];

/** Names and labels of a gateway's objects. */
export function gatewayMetadata(gateway: Construct, options: EdgePodOptions): GatewayMetadata {
  const own = { ...standardLabels(gateway, APPLICATION, 'gateway'), ...istioLabels(gateway) };
  return { ...metadataOf(gateway, options, own), selector: gatewaySelector(gateway) };
}

/** Labels by which Services, workloads and `Gateway` resources find the pods. */
export function gatewaySelector(gateway: Construct): { [key: string]: string } {
  return { ...selectorLabels(gateway, APPLICATION), ...istioLabels(gateway) };
}

/**
 * A `Gateway` selects pods in all namespaces. Without the namespace, two edges of the same name would serve each other's hosts.
 * https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway-selector
 */
function istioLabels(gateway: Construct): Labels {
  return { 'istio': nameOf(gateway), 'cdk8s-istio-edge/namespace': namespaceOf(gateway) };
}

/** ServiceAccount with the right to read TLS secrets. */
export function makeIdentity(scope: Construct, metadata: GatewayMetadata): kplus.ServiceAccount {
  const serviceAccount = new kplus.ServiceAccount(scope, 'ServiceAccount', { metadata: copyOf(metadata), automountToken: false });
  allowSecrets(scope, metadata, serviceAccount);
  return serviceAccount;
}

/**
 * Role and RoleBinding for TLS secrets. istiod checks whether the gateway's ServiceAccount may read the secrets that an Istio `Gateway`
 * names. Without the binding the gateway is ready and serves HTTP, but HTTPS fails.
 */
export function allowSecrets(scope: Construct, metadata: GatewayMetadata, serviceAccount: kplus.IServiceAccount): void {
  const name = `${metadata.name}-secrets`;
  const role = new kplus.Role(scope, 'Role', { metadata: { ...copyOf(metadata), name } });
  role.allowRead(kplus.ApiResource.SECRETS);
  new kplus.RoleBinding(scope, 'RoleBinding', { metadata: { ...copyOf(metadata), name }, role }).addSubjects(serviceAccount);
}

/** Makes the Service. istiod opens a `Gateway`'s port on the target port that this Service gives it. */
export function makeGatewayService(scope: Construct, metadata: GatewayMetadata, listeners: ResolvedListener[]): kplus.Service {
  return makeService(scope, 'Service', metadata, listeners);
}

/** Makes a Service without a cluster IP for the same pods. Through it, front proxies balance and check each pod. */
export function makeHeadlessService(scope: Construct, metadata: GatewayMetadata, listeners: ResolvedListener[]): kplus.Service {
  return makeService(scope, 'HeadlessService', { ...metadata, name: headlessName(metadata.name) }, listeners, 'None');
}

/** Adds a port to a Service that `makeGatewayService()` or `makeHeadlessService()` made. `listeners`: those of the gateway, with this port. */
export function addServicePort(service: kplus.Service, port: number, listeners: ResolvedListener[]): void {
  const targets = new Map(listeners.map(listener => [listener.port, listener.targetPort]));
  service.bind(port, { name: portName(port), targetPort: targets.get(port) });
  patchServicePorts(service, targets);
}

/** Name of the Service without a cluster IP, by the name of the gateway. */
export function headlessName(gatewayName: string): string {
  return `${gatewayName}-pods`;
}

function makeService(scope: Construct, id: string, metadata: GatewayMetadata, listeners: ResolvedListener[], clusterIP?: string): kplus.Service {
  const status = { name: 'status-port', port: GATEWAY_HEALTH_PORT, targetPort: GATEWAY_HEALTH_PORT };
  const service = new kplus.Service(scope, id, {
    metadata: copyOf(metadata),
    type: kplus.ServiceType.CLUSTER_IP,
    clusterIP,
    ports: [status, ...listeners.map(listener => ({ name: portName(listener.port), ...listener }))],
  });
  for (const [key, value] of Object.entries(metadata.selector)) {
    service.selectLabel(key, value);
  }
  patchService(service);
  return service;
}

/** Name of a Service's port. It does not select the protocol: the gateway's listeners do. */
function portName(port: number): string {
  return ({ 80: 'http2', 443: 'https' } as { [port: number]: string })[port] ?? `tcp-${port}`;
}

/** Metadata of one object, with maps that cdk8s-plus may keep. */
export function copyOf({ name, namespace, labels, annotations }: ObjectMetadata): ObjectMetadata {
  return { name, namespace, labels: { ...labels }, annotations: { ...annotations } };
}
