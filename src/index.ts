// the public surface, in the order of the layers; nothing else

// nodes, host ports, and options of every pod
export { EdgeNodes } from './nodes/edge-nodes';
export type { EdgeNode } from './nodes/edge-nodes';
export type { HostHealthEndpoint, HostListenerConfig, IHostListener } from './nodes/host-listener';
export { HostPort } from './nodes/host-port';
export type { MetricsListener } from './workload/metrics-listener';
export type { Toleration } from './workload/tolerations';
export type { EdgePodOptions, EdgeWorkloadOptions } from './workload/workload-options';

// gateways, front proxies and virtual IPs
export * from './gateway';
export * from './front';
export * from './vip';

// alerts and more for Prometheus
export * from './monitoring';

// all of them together, and in many places
export * from './mesh-edge';
export * from './fleet';
