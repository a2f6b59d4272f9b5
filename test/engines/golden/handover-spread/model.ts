// the nodes of handover-dual-stack, which all serve one address of each family
import type { HandoverModel } from '../../../../src/engines/handover/model';
import { handover as dualStack } from '../handover-dual-stack/model';

export const handover: HandoverModel = {
  ...dualStack,
  instances: dualStack.instances.slice(0, 1),
  spread: { runDirectory: '/run/keepalived', checks: ['edge-front'], checkTimeoutMs: 1_000 },
};
