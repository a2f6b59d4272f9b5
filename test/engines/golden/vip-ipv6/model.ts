import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

/** No IPv4 anywhere, the check included. */
export const vip: KeepalivedModel = {
  ...unicast,
  instances: unicast.instances.map(instance => ({
    ...instance,
    family: 'ipv6' as const,
    virtualRouterId: 2,
    advertCentiseconds: 5,
    addresses: ['2001:db8::100', 'fe80::100'],
  })),
  checks: unicast.checks.map(check => ({ ...check, address: '::1' })),
  nodes: [
    { id: 'edge-1', ipv6: '2001:db8::11' },
    { id: 'edge-2', ipv6: '2001:db8::12' },
  ],
};
