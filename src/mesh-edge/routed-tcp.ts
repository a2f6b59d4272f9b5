// a TCP or TLS service on a port of the edge, before it becomes objects of one of the two APIs
import { hostId } from './route-objects';
import type { Backend } from './routed-host';

/** A service that clients reach on a port of the edge. */
export interface RoutedTcp {
  readonly port: number;
  /** TLS clients that send this name. Undefined: all clients of the port. */
  readonly serverName?: string;
  /** The gateway terminates TLS with this Secret. Undefined: it reads none of the bytes but the server name. */
  readonly secretName?: string;
  readonly backend: Backend;
}

/** Which clients a service has. */
type Clients = Pick<RoutedTcp, 'serverName' | 'secretName'>;

/** Whether clients must speak TLS: the gateway reads the server name, or terminates TLS. */
export function isTls({ serverName, secretName }: Clients): boolean {
  return serverName !== undefined || secretName !== undefined;
}

/** Whether TLS passes through the gateway, which finds the service by its server name. */
export function isPassthrough({ serverName, secretName }: Clients): boolean {
  return serverName !== undefined && secretName === undefined;
}

/** Unique in an edge. */
export function tcpId({ port, serverName }: Pick<RoutedTcp, 'port' | 'serverName'>): string {
  return serverName === undefined ? `tcp-${port}` : `tcp-${port}-${hostId(serverName)}`;
}
