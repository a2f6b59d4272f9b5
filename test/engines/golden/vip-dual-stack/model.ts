import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

/** One IPv4 instance takes the IPv6 address along. The nodes call their interface by different names, and one node by a long one. */
export const vip: KeepalivedModel = {
  ...unicast,
  instances: unicast.instances.map(instance => ({
    ...instance,
    networkInterfaces: { 'edge-1': 'bond0.100', 'edge-2.example.com': 'enp3s0f0np0' },
    addresses: ['192.0.2.101', '192.0.2.100'],
    excludedAddresses: ['2001:db8::100'],
    priorities: { 'edge-1': 150, 'edge-2.example.com': 149 },
  })),
  nodes: [
    { id: 'edge-2.example.com', ipv4: '192.0.2.12', ipv6: '2001:db8::12' },
    { id: 'edge-1', ipv4: '192.0.2.11', ipv6: '2001:db8::11' },
  ],
};
