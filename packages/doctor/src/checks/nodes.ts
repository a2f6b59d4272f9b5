// the nodes that the manifests name
import { Check, Fault } from '../check';
import { KubeObject } from '../edge/objects';
import { hostnamesOf, MAINTENANCE, nodesFor, titleOf, Workload } from '../edge/workload';

/** node-missing */
export const nodeMissing: Check = {
  code: 'node-missing',
  severity: 'problem',
  finds: 'a hostname in the manifests that no node has as its label `kubernetes.io/hostname`',
  run: ({ workloads }, { cluster: { nodes } }) => {
    const names = [...new Set(workloads.flatMap(hostnamesOf))];
    return nodes.length === 0 ? [] : names.filter(name => !nodes.some(({ metadata }) => metadata.labels?.['kubernetes.io/hostname'] === name))
      .map(name => ({
        subject: `node ${name}`,
        what: 'no node has this hostname label, so no pod of the edge runs there',
        got: nodes.map(({ metadata }) => metadata.labels?.['kubernetes.io/hostname'] ?? metadata.name).join(', '),
        fix: 'give EdgeNodes the values of: kubectl get nodes -L kubernetes.io/hostname',
      }));
  },
};

/** node-unselected */
export const nodeUnselected: Check = {
  code: 'node-unselected',
  severity: 'problem',
  finds: 'a workload for which no node has the required labels',
  run: ({ workloads }, { cluster: { nodes } }) => nodes.length === 0 ? [] : workloads
    .filter(workload => workload.hostNetwork && hostnamesOf(workload).length === 0 && nodesFor(workload, nodes).length === 0)
    .map(workload => ({
      subject: titleOf(workload),
      what: 'no node has the labels that it requires',
      fix: 'label the edge nodes as EdgeNodes.labeled() says: kubectl label node NODE KEY=VALUE',
    })),
};

/** node-name */
export const nodeName: Check = {
  code: 'node-name',
  severity: 'problem',
  finds: 'a node whose name differs from its hostname label, so that keepalived does not start there',
  run: ({ virtualIps }, { cluster: { nodes } }) => virtualIps.filter(vip => vip.nodes.length > 0)
    .flatMap(({ workload, nodes: listed }) => nodesFor(workload, nodes)
      .filter(({ metadata }) => !listed.includes(metadata.name)).map(({ metadata: { name } }) => ({
        subject: `node ${name}`,
        what: 'keepalived\'s configuration does not list this node, and keepalived refuses to start there',
        got: `listed are ${listed.join(', ')}`,
        fix: `give EdgeNodes.of() nodeName: '${name}' beside the hostname`,
      }))),
};

const onEdgeNodes = (workloads: readonly Workload[], nodes: readonly KubeObject[], found: (node: KubeObject, here: Workload[]) => Fault[]) =>
  nodes.flatMap(node => {
    const here = workloads.filter(workload => workload.hostNetwork && nodesFor(workload, [node]).length > 0);
    return here.length === 0 ? [] : found(node, here);
  });

/** node-not-ready */
export const nodeNotReady: Check = {
  code: 'node-not-ready',
  severity: 'problem',
  finds: 'an edge node that is not Ready',
  run: ({ workloads }, { cluster: { nodes } }) => onEdgeNodes(workloads, nodes, ({ metadata, status }) => {
    const ready = status?.conditions?.find((one: { type: string }) => one.type === 'Ready');
    return ready === undefined || ready.status === 'True' ? [] : [{
      subject: `node ${metadata.name}`, what: 'it is not Ready', got: ready.message, fix: `look at its kubelet: kubectl describe node ${metadata.name}`,
    }];
  }),
};

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

const tolerates = (taint: Taint) => ({ key, operator = 'Equal', value = '', effect }: Toleration) =>
  (effect === undefined || effect === taint.effect) && (key === undefined || key === taint.key)
  && (operator === 'Exists' || (key !== undefined && value === (taint.value ?? '')));

/** The DaemonSet controller adds tolerations for taints of this prefix, such as not-ready and unschedulable. */
const OF_KUBERNETES = /^node\.kubernetes\.io\//;

/** node-taint */
export const nodeTaint: Check = {
  code: 'node-taint',
  severity: 'problem',
  finds: 'a taint of an edge node that the pods do not tolerate',
  run: ({ workloads }, { cluster: { nodes } }) => onEdgeNodes(workloads, nodes, ({ metadata, spec }, here) => {
    const taints = (spec?.taints ?? []) as Taint[];
    return taints.filter(({ key, effect }) => effect !== 'PreferNoSchedule' && !OF_KUBERNETES.test(key)).flatMap(taint => {
      const repelled = here.filter(({ template }) => !((template.spec.tolerations ?? []) as Toleration[]).some(tolerates(taint)));
      return repelled.length === 0 ? [] : [{
        subject: `node ${metadata.name}`,
        what: `it has a taint that keeps pods away: ${repelled.map(({ name }) => name).join(', ')}`,
        got: `${taint.key}=${taint.value ?? ''}:${taint.effect}`,
        fix: `EdgeNodes.of(…).dedicated('${taint.key}') tolerates it, or remove it: kubectl taint node ${metadata.name} ${taint.key}-`,
      }];
    });
  }),
};

/** node-maintenance */
export const nodeMaintenance: Check = {
  code: 'node-maintenance',
  severity: 'advice',
  finds: 'an edge node in maintenance',
  run: ({ workloads }, { cluster: { nodes } }) => onEdgeNodes(workloads, nodes, ({ metadata }) => !(MAINTENANCE in (metadata.labels ?? {})) ? [] : [{
    subject: `node ${metadata.name}`,
    what: 'it is in maintenance: the edge does not run there',
    got: `label ${MAINTENANCE}`,
    fix: `kubectl label node ${metadata.name} ${MAINTENANCE}-`,
  }]),
};
