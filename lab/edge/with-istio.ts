// what a user's cluster has beside an example's output: services, their certificate, existing gateways

import { readFileSync } from 'node:fs';
import { backendsOf } from './backends';
import { isDeployedByIstiod } from './deployed-by-istiod';
import { Example } from './examples';
import { Mesh } from '../cluster/istio-manifest';
import { keyFile, WEB_CERTIFICATE } from '../cluster/keys';
import { KubeObject } from '../cluster/objects';

/** True for objects of Istio and of Gateway API, except a Gateway that istiod deploys. */
export function isRoute(object: KubeObject): boolean {
  return /^(networking\.istio\.io|gateway\.networking\.k8s\.io)\//.test(object.apiVersion) && !isDeployedByIstiod(object);
}

/** The example's prerequisites (see its README), then its unchanged objects. */
export function withIstio(example: Example, objects: KubeObject[], mesh: Mesh): KubeObject[] {
  const own = objects.map(object => structuredClone(object));
  const adopted = example.name.startsWith('adopted-gateway') ? adoptedGateways(mesh) : [];
  const given = [...backendsOf([...own, ...adopted]), ...secretsOf([...own, ...adopted]), ...adopted];
  const created = own.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const used = new Set([...own, ...given].flatMap(({ metadata }) => metadata.namespace ?? []));
  const missing = [...used].filter(name => !created.includes(name) && name !== mesh.namespace);
  const isNamespace = ({ kind }: KubeObject) => kind === 'Namespace';
  return [...own.filter(isNamespace), ...missing.map(name => namespace(name)), ...given, ...own.filter(object => !isNamespace(object))];
}

/** A Secret for each certificate name in a Gateway, in the namespace of the Gateway and its pods, unless cert-manager writes it. */
function secretsOf(objects: KubeObject[]): KubeObject[] {
  const asked = objects.filter(({ kind }) => kind === 'Gateway').flatMap(one => certificatesOf(one).map(name => `${one.metadata.namespace}/${name}`));
  const read = (file: string) => readFileSync(keyFile(`${WEB_CERTIFICATE}.${file}`), 'utf8');
  const issued = objects.filter(({ kind }) => kind === 'Certificate').map(({ metadata, spec }) => `${metadata.namespace}/${spec.secretName}`);
  return [...new Set(asked)].filter(path => !issued.includes(path)).map(path => {
    const [inNamespace, name] = path.split('/');
    const metadata = { name, namespace: inNamespace };
    return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, stringData: { 'tls.crt': read('crt'), 'tls.key': read('key') } };
  });
}

/** Names of the certificates in a Gateway of Istio or of Gateway API. */
function certificatesOf({ spec }: KubeObject): string[] {
  const servers = (spec.servers ?? []) as { tls?: { credentialName?: string } }[];
  const listeners = (spec.listeners ?? []) as { tls?: { certificateRefs?: { name: string }[] } }[];
  return [
    ...servers.flatMap(({ tls }) => tls?.credentialName ?? []),
    ...listeners.flatMap(({ tls }) => tls?.certificateRefs ?? []).map(({ name }) => name),
  ];
}

/** A namespace from the README's prerequisites. */
function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } };
}

/** The existing gateways that the example `adopted-gateway` refers to, and the partners' own route. */
function adoptedGateways({ namespace: istios }: Mesh): KubeObject[] {
  return [
    ...foreignGateway('istio-ingressgateway', istios, { app: 'istio-ingressgateway', istio: 'ingressgateway' }),
    ...foreignGateway('partner-gateway', 'partners', { app: 'partner-gateway' }),
    ...partnersRoute(),
  ];
}

/** As istioctl installs it: Service and pods differ in ports, and the injector writes the container. */
function foreignGateway(name: string, inNamespace: string, labels: { [key: string]: string }): KubeObject[] {
  const metadata = { name, namespace: inNamespace, labels };
  const ports = [
    { name: 'status-port', port: 15021, targetPort: 15021 }, { name: 'http2', port: 80, targetPort: 8080 }, { name: 'https', port: 443, targetPort: 8443 },
  ];
  const template = {
    metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'true' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
    spec: { serviceAccountName: name, containers: [{ name: 'istio-proxy', image: 'auto', imagePullPolicy: 'IfNotPresent' }] },
  };
  const secrets = { ...metadata, name: `${name}-sds` };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: secrets, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list'] }] },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: secrets,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: secrets.name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: inNamespace }],
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, selector: { matchLabels: labels }, template } },
  ];
}

function partnersRoute(): KubeObject[] {
  const metadata = { name: 'partners', namespace: 'partners' };
  const hosts = ['*.partners.example.com'];
  const server = { hosts, port: { name: 'https', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'partners-tls' } };
  const destination = { host: 'api.partners.svc.cluster.local', port: { number: 8080 } };
  return [
    { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata, spec: { selector: { app: 'partner-gateway' }, servers: [server] } },
    { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata, spec: { hosts, gateways: ['partners'], http: [{ route: [{ destination }] }] } },
  ];
}
