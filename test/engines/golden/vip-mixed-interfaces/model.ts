import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as otherInterface } from '../vip-other-interface/model';

/** The second node has its own address on the interface of the clients: its adverts go over the interface that carries the addresses. */
export const vip: KeepalivedModel = {
  ...otherInterface,
  instances: otherInterface.instances.map(instance => ({ ...instance, networkInterfaces: { 'edge-2': 'eth1' } })),
};
