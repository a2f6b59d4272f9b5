// three nodes that all serve an address of each family
import type { HandoverModel } from '../../../../src/engines/handover/model';

export const handover: HandoverModel = {
  name: 'handover.istio-ingress.edge-vip',
  routingTable: 11_100,
  leaseSeconds: 120,
  lingerSeconds: 3600,
  nodes: [
    { id: 'edge-1', networkInterface: 'eth0', ipv4: '192.0.2.11', ipv6: '2001:db8::11' },
    { id: 'edge-2', networkInterface: 'bond0.100', ipv4: '192.0.2.12', ipv6: '2001:db8::12' },
    { id: 'edge-3', networkInterface: 'eth0', ipv4: '192.0.2.13', ipv6: '2001:db8::13' },
  ],
  ports: [80, 443],
  instances: [{ virtualRouterId: 100, advertMs: 200, addresses: ['192.0.2.100', '2001:db8::100'] }],
  spread: { runDirectory: '/run/keepalived', checks: ['edge-front'], checkTimeoutMs: 1_000 },
};
