// the init container that keeps a front proxy from starting where another process would get its connections
import { Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { NODE_ADDRESSES, PORT_GUARD, portGuardCommand } from '../engines/guard/port-guard';
import { boundPorts } from '../engines/health-answer';
import type { ProxyModel } from '../engines/proxy-model';
import type { PodPorts } from '../workload/engine-workload';
import { UNPRIVILEGED } from '../workload/privileges';

const RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(10) },
  memory: { request: Size.mebibytes(16), limit: Size.mebibytes(32) },
};

/** The guard finds other root processes on a shared port, and DNAT rules that take a port away. The kernel reports neither. */
export function guardOf(model: ProxyModel): PodPorts['guard'] {
  return {
    name: 'port-guard',
    script: PORT_GUARD,
    command: portGuardCommand({ ports: boundPorts(model), identity: model.name, health: model.health }),
    // on the host network these are the node's addresses; `status.hostIPs` is newer than Kubernetes 1.27
    env: { [NODE_ADDRESSES]: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_IPS) },
    privileges: UNPRIVILEGED,
    resources: RESOURCES,
  };
}
