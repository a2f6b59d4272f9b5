// what a process on the host network may do: four profiles, none privileged
import type { ContainerSecurityContextProps } from 'cdk8s-plus-27';

/** Linux's default of `net.ipv4.ip_unprivileged_port_start`. */
export const LOWEST_UNPRIVILEGED_PORT = 1024;

/** What one container may do. */
export interface Privileges {
  /** uid and gid. Only uid 0 keeps capabilities after exec, because Kubernetes has no ambient capabilities. */
  readonly user: number;
  /** Names without the prefix CAP_, which the enum of cdk8s-plus-27 has and Kubernetes does not accept. */
  readonly capabilities: string[];
}

/** Reads and answers; binds nothing below 1024. */
export const UNPRIVILEGED: Privileges = { user: 65_534, capabilities: [] };

/**
 * A port below 1024 needs uid 0 with NET_BIND_SERVICE as its only capability. For another user that capability would
 * have to be ambient.
 *
 * @see https://github.com/kubernetes/kubernetes/issues/56374
 */
export function bindPorts(ports: number[], userForHighPorts: number): Privileges {
  return ports.some(needsPrivilege)
    ? { user: 0, capabilities: ['NET_BIND_SERVICE'] }
    : { user: userForHighPorts, capabilities: [] };
}

/** Whether only a privileged process can open the port. */
export function needsPrivilege(port: number): boolean {
  return port < LOWEST_UNPRIVILEGED_PORT;
}

/**
 * Addresses on interfaces (NET_ADMIN), VRRP and gratuitous ARP (NET_RAW), and SETGID: keepalived calls setgroups()
 * before each check script, and counts a script that it could not start as passed.
 */
export const MANAGE_ADDRESSES: Privileges = { user: 0, capabilities: ['NET_ADMIN', 'NET_RAW', 'SETGID'] };

/** nftables, routing rules and an address on `lo` (NET_ADMIN), and echo requests to the other nodes (NET_RAW). */
export const HAND_OVER: Privileges = { user: 0, capabilities: ['NET_ADMIN', 'NET_RAW'] };

/** The security context of a container. `patchPod()` adds the capabilities, whose names cdk8s-plus-27 writes wrongly. */
export function securityContextOf(user: number): ContainerSecurityContextProps {
  return {
    user,
    group: user,
    ensureNonRoot: user !== 0,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
  };
}
