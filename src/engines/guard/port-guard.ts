// keeps a front proxy from starting where its connections would go to another process
import type { ProxyHealthListener } from '../proxy-model';
import { readScript } from '../script';

/** What the guard compares with the ports of the node. */
export interface PortGuardOptions {
  /** All TCP ports of the proxy, the port of its health endpoint included. */
  readonly ports: number[];
  /** `ProxyModel.name`: the first word of the health endpoint's answer. The other words are the ports of the proxy. */
  readonly identity: string;
  readonly health: ProxyHealthListener;
}

/**
 * Environment variable of the init container: the node's addresses, separated by commas: `status.podIPs` of a pod on
 * the host network.
 */
export const NODE_ADDRESSES = 'NODE_ADDRESSES';

/** The program of the guard. */
export const PORT_GUARD = readScript('guard', 'port-guard.sh');

/**
 * Command of an init container on the host network, in the proxy's own image; it needs `PORT_GUARD` and no capability.
 */
export function portGuardCommand({ ports, identity, health }: PortGuardOptions): string[] {
  const script = `/etc/${PORT_GUARD.file}`;
  return ['bash', script, identity, health.address, `${health.port}`, health.path, ...ports.map(String)];
}
