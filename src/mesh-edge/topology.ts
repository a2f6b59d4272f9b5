// what a picture of an edge shows: where clients connect, and which service answers
import { trimmed } from './routed-host';
import type { Backend, RoutedHost } from './routed-host';
import { isPassthrough, isTls } from './routed-tcp';
import type { RoutedTcp } from './routed-tcp';

/** An edge: all of its ways from a client to a service. */
export interface Topology {
  /** The edge nodes, as text. */
  readonly nodes: string;
  /** The front proxy's name, and the ports that clients reach. */
  readonly frontProxy?: { readonly name: string; readonly ports: number[] };
  readonly entries: TopologyEntry[];
}

/** Addresses that lead to one gateway. */
export interface TopologyEntry {
  /** Empty: the nodes' own addresses. */
  readonly addresses: string[];
  readonly gateway: { readonly name: string; readonly onNodes: boolean; readonly ports: number[] };
  readonly services: TopologyService[];
}

/** A service, and what a client asks for to reach it. */
export interface TopologyService {
  readonly request: string;
  /** `namespace/name:port` */
  readonly service: string;
}

const nameOfBackend = ({ namespace, service, port }: Backend) => `${namespace}/${service}:${port}`;

/** What an edge exposes, in the order of the calls. */
export function servicesOf(hosts: RoutedHost[], tcp: RoutedTcp[]): TopologyService[] {
  return [
    ...hosts.flatMap(host => host.paths.map(path => ({ request: requestOf(host, path.pathPrefix), service: nameOfBackend(path) }))),
    ...tcp.map(route => ({ request: tcpRequest(route), service: nameOfBackend(route.backend) })),
  ];
}

function requestOf({ name, tls }: RoutedHost, pathPrefix: string): string {
  if (tls.passthrough) {
    return `${name}, TLS passes through`;
  }
  return `${tls.secretName === undefined ? 'http' : 'https'}://${name}${trimmed(pathPrefix)}/`;
}

function tcpRequest(route: RoutedTcp): string {
  const protocol = isTls(route) ? 'TLS' : 'TCP';
  const name = route.serverName === undefined ? '' : ` ${route.serverName}`;
  return `${protocol} ${route.port}${name}${isPassthrough(route) ? ', TLS passes through' : ''}`;
}
