import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';

/** Two nodes that know each other, one address, one check: the main job. */
export const vip: KeepalivedModel = {
  name: 'mesh-edge',
  instances: [{
    name: 'vip-100',
    family: 'ipv4',
    virtualRouterId: 100,
    advertCentiseconds: 20,
    preempt: false,
    preemptDelaySeconds: 0,
    networkInterfaces: {},
    defaultNetworkInterface: 'eth0',
    addresses: ['192.0.2.100'],
    excludedAddresses: [],
    priorities: { 'edge-1': 150, 'edge-2': 149 },
    defaultPriority: 100,
  }],
  checks: [{
    name: 'front-envoy',
    address: '127.0.0.1',
    port: 15099,
    path: '/ready',
    intervalMs: 200,
    timeoutMs: 1000,
    fall: 2,
    rise: 2,
  }],
  nodes: [
    { id: 'edge-1', ipv4: '192.0.2.11' },
    { id: 'edge-2', ipv4: '192.0.2.12' },
  ],
  runDirectory: '/run/keepalived',
};
