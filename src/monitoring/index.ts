// what Prometheus needs to watch an edge. Makes it possible to write:
//
//   new MeshEdge(chart, 'edge', { nodes, monitoring: Monitoring.podMonitor({ from: ['10.244.0.0/16'] }) });
export { Monitoring } from './monitoring';
export type { MonitoringOptions } from './monitoring';
