import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

const [instance] = unicast.instances;

/** Three nodes, three addresses, each at home on another node, two listeners to watch. */
export const vip: KeepalivedModel = {
  ...unicast,
  instances: [1, 2, 3].map(home => ({
    ...instance,
    name: `vip-10${home}`,
    virtualRouterId: 100 + home,
    preempt: true,
    preemptDelaySeconds: 30,
    addresses: [`192.0.2.10${home}`],
    priorities: Object.fromEntries([1, 2, 3].map(node => [`edge-${node}`, 150 - ((node - home + 3) % 3)])),
  })),
  checks: [
    ...unicast.checks,
    { ...unicast.checks[0], name: 'admin-gateway', port: 15021, path: '/healthz/ready?full=1', intervalMs: 2000, timeoutMs: 2000, fall: 3, rise: 1 },
  ],
  nodes: [1, 2, 3].map(node => ({ id: `edge-${node}`, ipv4: `192.0.2.1${node}` })),
};
