import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

/** Clients are on another network than the nodes' own addresses: adverts go over eth0, the addresses are put on eth1. */
export const vip: KeepalivedModel = {
  ...unicast,
  instances: unicast.instances.map(instance => ({
    ...instance,
    addressInterface: 'eth1',
    addresses: ['198.51.100.200'],
    excludedAddresses: ['2001:db8:77::200'],
  })),
};
