import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

/** Nodes chosen by a label: nobody knows who they are, so VRRP speaks multicast and all are equal. */
export const vip: KeepalivedModel = {
  ...unicast,
  instances: unicast.instances.map(instance => ({ ...instance, advertCentiseconds: 100, priorities: {} })),
  nodes: [],
};
