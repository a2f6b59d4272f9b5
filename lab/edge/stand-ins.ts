// replaces an example's gateways with stand-ins for scenarios without Istio; no other file changes an example's output

import { writtenByIstiod } from './deployed-by-istiod';
import { Example } from './examples';
import { labReference } from '../cluster/image-table';
import { KubeObject } from '../cluster/objects';

/** Time from SIGTERM to the gateway's end. It fails its readiness at once and continues to serve. */
const GRACE = '5s';

export interface StandInOptions {
  /** `lab/role` label of the nodes that may run gateways on the pod network. @default - any node */
  readonly gatewaysOn?: string;
}

/** The example's prerequisites (see its README), then its objects with gateways that need no Istio. */
export function withStandIns(example: Example, synthesized: KubeObject[], options: StandInOptions = {}): KubeObject[] {
  const objects = [...synthesized, ...writtenByIstiod(synthesized)];
  const kept = objects.filter(object => !isIstios(object) && !isOperators(object)).map(object => standIn(structuredClone(object), options, objects));
  const namespaces = new Set(objects.flatMap(object => object.metadata.namespace ?? []));
  const created = objects.filter(object => object.kind === 'Namespace').map(object => object.metadata.name);
  const missing = [...namespaces].filter(name => !created.includes(name)).map(name => namespace(name));
  const adopted = example.name === 'adopted-gateway' ? adoptedGateways(options) : [];
  return [...kept.filter(object => object.kind === 'Namespace'), ...missing, ...adopted, ...caFor(kept), ...kept.filter(object => object.kind !== 'Namespace')];
}

/** Gateways and routes of Istio and Gateway API. Without istiod, no program reads them. */
function isIstios(object: KubeObject): boolean {
  return /^(networking\.istio\.io|gateway\.networking\.k8s\.io)\//.test(object.apiVersion);
}

/** Objects of the Prometheus operator, which the lab does not have. */
function isOperators({ apiVersion }: KubeObject): boolean {
  return apiVersion.startsWith('monitoring.coreos.com/');
}

function standIn(object: KubeObject, options: StandInOptions, beside: KubeObject[] = []): KubeObject {
  const pod = object.spec?.template;
  const container = pod?.spec?.containers?.find(isGateway);
  if (!container) return object;
  const onHost = pod.spec.hostNetwork === true;
  const header = JSON.stringify([pod.metadata.annotations, container.env]).includes('proxyProtocol');
  Object.assign(container, {
    image: labReference('labtool'),
    args: ['backend', `--proxy-protocol=${header ? 'required' : 'off'}`, `--grace=${GRACE}`, ...(onHost ? hostListeners(object.metadata.name, beside) : [])],
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 1, failureThreshold: 1 },
  });
  delete container.command;
  delete container.lifecycle;
  if (!onHost && options.gatewaysOn) pod.spec.nodeSelector = { 'lab/role': options.gatewaysOn };
  return object;
}

/** Listeners that istiod would open: the Service's target ports, on the Gateway's bind address. */
function hostListeners(name: string, objects: KubeObject[]): string[] {
  const ports = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name)?.spec.ports as { port: number; targetPort: number }[];
  const servers = objects.filter(isIstios).flatMap(({ spec }) => spec.servers ?? []) as { bind?: string }[];
  const at = (port: number) => `${servers[0]?.bind ?? ''}:${ports.find(one => one.port === port)?.targetPort}`;
  return [`--http=${at(80)}`, `--https=${at(443)}`];
}

/** `image: auto` is for Istio's injector; a written-out gateway has Istio's image. So has a hand-over, which is no gateway. */
function isGateway(container: { name: string; image: string }): boolean {
  return container.name === 'istio-proxy' && (container.image === 'auto' || /(^|\/)istio\/proxyv2([:@]|$)/.test(container.image));
}

/** The ConfigMap that istiod writes into every namespace. A host gateway mounts it. */
function caFor(objects: KubeObject[]): KubeObject[] {
  const asked = objects.find(object => JSON.stringify(object).includes('istio-ca-root-cert'));
  if (!asked) return [];
  const metadata = { name: 'istio-ca-root-cert', namespace: asked.metadata.namespace };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'root-cert.pem': '' } }];
}

/** A namespace from the README's prerequisites. */
function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } };
}

/** The existing gateways that the example `adopted-gateway` refers to. */
function adoptedGateways(options: StandInOptions): KubeObject[] {
  return [...foreignGateway('istio-ingressgateway', 'istio-system', options), namespace('partners'), ...foreignGateway('partner-gateway', 'partners', options)];
}

function foreignGateway(name: string, inNamespace: string, options: StandInOptions): KubeObject[] {
  const metadata = { name, namespace: inNamespace, labels: { app: name } };
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }, { name: 'https', port: 443, targetPort: 8443 }];
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } };
  const deployment = {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, selector: { matchLabels: { app: name } }, template },
  };
  return [{ apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports } }, standIn(deployment, options)];
}
