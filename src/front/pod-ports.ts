// what the pod of a front proxy has for its ports: privileges, and a guard that finds other processes on them
import { Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { NODE_ADDRESSES, PORT_GUARD, portGuardCommand } from '../engines/guard/port-guard';
import { boundPorts } from '../engines/health-answer';
import type { ProxyModel } from '../engines/proxy-model';
import type { PodPorts } from '../workload/engine-workload';
import { bindPorts, UNPRIVILEGED } from '../workload/privileges';

const RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(10) },
  memory: { request: Size.mebibytes(16), limit: Size.mebibytes(32) },
};

/**
 * An engine starts as root even if all ports are high. During a hitless update two pods share a port by SO_REUSEPORT, which the
 * kernel allows only to processes of the same user. The next version can have low ports, which need root.
 */
export const ROOT = 0;

/** For all ports of the proxy. */
export function podPorts(model: ProxyModel, isHitless: boolean): PodPorts {
  return {
    privileges: bindPorts(boundPorts(model), ROOT),
    // with declared ports, the scheduler would keep the new pod off the node until the old one has gone
    declaredPorts: isHitless ? undefined : model.listeners.map(listener => listener.port),
    guard: guardOf(model),
  };
}

/** The guard finds other root processes on a shared port, and DNAT rules that take a port away. The kernel reports neither. */
function guardOf(model: ProxyModel): PodPorts['guard'] {
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
