// ports of nodes that two pods want
import { nameOf } from '../../edge/objects';
import { canShareNode } from '../placement';
import { listOf, PodOf } from '../pods';
import { Place, Rule } from '../rule';

interface NodePort {
  readonly pod: PodOf;
  readonly container: string;
  readonly protocol: string;
  readonly port: number;
  readonly address: string;
  readonly location: string;
}

const ANY = ['', '0.0.0.0', '::'];

/** Ports that a pod declares. On the host network, Kubernetes makes a container's port a host port. */
export function declaredPorts(pod: PodOf): NodePort[] {
  return listOf(pod.spec.containers).flatMap((container, index) => listOf(container.ports).flatMap((entry, number): NodePort[] => {
    const port = entry.hostPort ?? (pod.spec.hostNetwork === true ? entry.containerPort : undefined);
    const protocol: string = entry.protocol ?? 'TCP';
    return port === undefined ? [] : [{
      pod, protocol, port, container: container.name, address: entry.hostIP ?? '',
      location: `${pod.path}.containers[${index}].ports[${number}]: ${protocol} ${port}`,
    }];
  }));
}

/** Ports of a front proxy or a gateway, which declares none. */
function openedPorts(pod: PodOf): NodePort[] {
  return (pod.workload?.hostPorts ?? []).map(port => ({
    pod, port, protocol: 'TCP', container: '', address: '', location: `${pod.path}.hostNetwork: true, and it listens on TCP ${port}`,
  }));
}

function portsOf(pod: PodOf): NodePort[] {
  const declared = declaredPorts(pod);
  return [...declared, ...openedPorts(pod).filter(({ port }) => !declared.some(one => one.port === port && one.protocol === 'TCP'))];
}

function clash(one: NodePort, other: NodePort): boolean {
  const sameAddress = one.address === other.address || ANY.includes(one.address) || ANY.includes(other.address);
  return one.port === other.port && one.protocol === other.protocol && sameAddress
    && (one.pod === other.pod ? one.container !== other.container : canShareNode(one.pod, other.pod));
}

const placeOf = ({ pod, location }: NodePort): Place => ({ object: pod.object, location });

/** host-port-overlap */
export const hostPortOverlap: Rule = {
  name: 'host-port-overlap',
  find: ({ pods }) => {
    const ports = pods.flatMap(portsOf);
    return ports.flatMap((one, index) => ports.slice(index + 1).filter(other => clash(one, other)).map(other => ({
      what: `${nameOf(one.pod.object)} and ${nameOf(other.pod.object)} both want ${one.protocol} port ${one.port} of the same nodes; `
        + 'one of them does not start there, or gets a part of the other\'s connections',
      places: [placeOf(one), placeOf(other)],
      fix: 'change the port of one of them, or keep it off these nodes with a node selector or an affinity',
    })));
  },
};
