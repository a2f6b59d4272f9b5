// the public surface, in the order of the layers; nothing else

// what it means to live on a node's network
export * from './edge-host/edge-nodes';
export * from './edge-host/host-listener';
export * from './edge-host/host-port';
export type { EdgeWorkloadOptions } from './edge-host/workload-options';

// gateways, front proxies and virtual IPs
export * from './gateway';
export * from './front';
export * from './vip';

// all of them together
export * from './mesh-edge';
