// the public surface, in the order of the layers; nothing else

// what it means to live on a node's network
export { EdgeNodes } from './edge-host/edge-nodes';
export type { EdgeNode } from './edge-host/edge-nodes';
export type { HostHealthEndpoint, HostListenerConfig, IHostListener } from './edge-host/host-listener';
export { HostPort } from './edge-host/host-port';
export type { EdgePodOptions, EdgeWorkloadOptions } from './edge-host/workload-options';

// gateways, front proxies and virtual IPs
export * from './gateway';
export * from './front';
export * from './vip';

// all of them together, and in many places
export * from './mesh-edge';
export * from './fleet';
