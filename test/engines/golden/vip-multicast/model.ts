import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

/** Nodes chosen by a label: their addresses are not known, so VRRP uses multicast and equal priorities. */
export const vip: KeepalivedModel = {
  ...unicast,
  instances: unicast.instances.map(instance => ({ ...instance, advertCentiseconds: 100, priorities: {} })),
  nodes: [],
};
