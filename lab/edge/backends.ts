// makes a service for every destination in the routes of Istio and of Gateway API

import { labReference } from '../cluster/image-table';
import { KubeObject } from '../cluster/objects';
import { CLUSTER_DOMAIN } from '../cluster/topology';

/** A service's port that a route sends traffic to. */
interface Destination {
  /** The service's host name in the mesh. */
  readonly host: string;
  readonly port: number;
  /** Whether TLS passes through the gateway to the service. */
  readonly tls: boolean;
}

/** A service with two pods for every destination that has no service yet. */
export function backendsOf(objects: KubeObject[]): KubeObject[] {
  const given = objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}`);
  const found = new Map<string, Destination[]>();
  for (const one of objects.flatMap(destinationsOf).filter(({ host }) => !given.includes(host))) {
    const known = found.get(one.host) ?? [];
    if (!known.some(({ port }) => port === one.port)) found.set(one.host, [...known, one]);
  }
  return [...found.values()].flatMap(backend);
}

/** An extra pod for a service: it is ready, but refuses connections. */
export function deafPod(service: string, namespace: string): KubeObject {
  return deployment(`${service}-deaf`, namespace, { app: service, hears: 'nothing' }, 1, ['--http=', '--https=']);
}

function destinationsOf(object: KubeObject): Destination[] {
  switch (object.kind) {
    case 'VirtualService': return [...istios(object.spec.http, false), ...istios(object.spec.tls, true)];
    case 'HTTPRoute': return gatewayApis(object, false);
    case 'TLSRoute': return gatewayApis(object, true);
    default: return [];
  }
}

type IstioRoutes = { route?: { destination: { host: string; port: { number: number } } }[] }[] | undefined;

function istios(routes: IstioRoutes, tls: boolean): Destination[] {
  return (routes ?? []).flatMap(({ route = [] }) => route).map(({ destination: { host, port } }) => ({ host, port: port.number, tls }));
}

function gatewayApis({ metadata, spec }: KubeObject, tls: boolean): Destination[] {
  const rules = spec.rules as { backendRefs?: { name: string; namespace?: string; port: number }[] }[];
  const hostOf = (name: string, namespace = metadata.namespace) => `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
  return rules.flatMap(({ backendRefs = [] }) => backendRefs).map(({ name, namespace, port }) => ({ host: hostOf(name, namespace), port, tls }));
}

/** `useClientProtocol` lets one port serve gRPC and WebSocket. */
function backend(ports: Destination[]): KubeObject[] {
  const [{ host }] = ports;
  const [name, namespace] = host.split('.');
  const metadata = { name, namespace, labels: { app: name } };
  const trafficPolicy = { connectionPool: { http: { useClientProtocol: true } } };
  const served = ports.map(({ port, tls }) => ({ name: `${tls ? 'tls' : 'http'}-${port}`, port, targetPort: tls ? 8443 : 8080 }));
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports: served } },
    deployment(name, namespace, { app: name, hears: 'all' }, 2, ['--http=:8080', `--https=${ports.some(({ tls }) => tls) ? ':8443' : ''}`]),
    { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec: { host, trafficPolicy } },
  ];
}

function deployment(name: string, namespace: string, labels: { [key: string]: string }, replicas: number, listen: string[]): KubeObject {
  const container = {
    name: 'backend',
    image: labReference('labtool'),
    args: ['backend', ...listen],
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 1 },
  };
  const template = { metadata: { labels }, spec: { nodeSelector: { 'lab/role': 'worker' }, containers: [container] } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, labels }, spec: { replicas, selector: { matchLabels: labels }, template } };
}
