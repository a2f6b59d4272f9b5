// an edge that runs: who holds each address, what the health checks say, and connections on nodes that clients leave
import { inCluster } from './running';
import { Check } from '../check';
import { Edge } from '../edge/edge';
import { VirtualIp } from '../edge/virtual-ip';
import { Facts, KeepalivedFacts } from '../facts';

interface Held {
  readonly vip: VirtualIp;
  readonly addresses: readonly string[];
  readonly virtualRouterId: number;
  readonly holders: readonly string[];
  /** False if a pod that runs does not answer: it may be the holder. */
  readonly allAnswer: boolean;
  /** `edge-1 BACKUP, edge-2 FAULT` */
  readonly states: string;
}

/** What the pods of a virtual IP say. */
function keepalivedOf({ cluster }: Pick<Facts, 'cluster'>, { namespace, name }: VirtualIp['workload']): KeepalivedFacts[] {
  return cluster.keepalived.filter(one => one.namespace === namespace && one.workload === name);
}

/** Each VRRP instance of the virtual IPs that are applied. */
function held({ virtualIps }: Edge, facts: Pick<Facts, 'cluster'>): Held[] {
  return virtualIps.filter(({ workload }) => inCluster(workload, facts.cluster) !== undefined).flatMap(vip => {
    const pods = keepalivedOf(facts, vip.workload);
    return vip.instances.map(({ name, virtualRouterId, addresses }) => ({
      vip,
      virtualRouterId,
      addresses: addresses.map(({ address }) => address),
      holders: pods.filter(({ states }) => states?.[name] === 'MASTER').map(({ node }) => node),
      allAnswer: pods.every(({ states }) => states !== undefined),
      states: pods.map(({ node, states }) => `${node} ${states === undefined ? 'does not answer' : states[name] ?? 'no state'}`).join(', '),
    }));
  });
}

const logsOf = ({ workload: { namespace, name } }: VirtualIp) => `kubectl -n ${namespace} logs daemonset/${name} -c keepalived --prefix`;

/** address-without-holder */
export const addressWithoutHolder: Check = {
  code: 'address-without-holder',
  severity: 'problem',
  finds: 'a virtual address that no node holds',
  run: (edge, facts) => held(edge, facts).filter(({ holders, allAnswer, states }) => holders.length === 0 && allAnswer && states !== '').map(({ vip, addresses, states }) => ({
    subject: `address ${addresses.join(', ')}`,
    what: 'no node holds it',
    got: states,
    fix: `FAULT means that the health check of the node fails: mend its front proxy or gateway. See ${logsOf(vip)}`,
  })),
};

/** address-two-holders */
export const addressTwoHolders: Check = {
  code: 'address-two-holders',
  severity: 'problem',
  finds: 'a virtual address that several nodes hold',
  run: (edge, facts) => held(edge, facts).filter(({ holders }) => holders.length > 1).map(({ addresses, states }) => ({
    subject: `address ${addresses.join(', ')}`,
    what: 'several nodes hold it: they do not hear each other\'s adverts',
    got: states,
    fix: 'let VRRP (IP protocol 112) pass between the nodes; --node-checks says in which direction it does not',
  })),
};

/** check-fails */
export const checkFails: Check = {
  code: 'check-fails',
  severity: 'problem',
  finds: 'a node whose health check fails, so that it cannot hold the virtual address',
  run: ({ virtualIps }, facts) => virtualIps.flatMap(vip => keepalivedOf(facts, vip.workload)
    .flatMap(({ node, checks }) => Object.entries(checks).filter(([, healthy]) => !healthy).map(([name]) => ({
      subject: `node ${node}`,
      what: `the health check of ${name} fails, and the node cannot hold the virtual address`,
      fix: `look at ${name} on this node: kubectl -n ${vip.workload.namespace} get pods -o wide --field-selector spec.nodeName=${node}; ${logsOf(vip)}`,
    })))),
};

/** connections-left */
export const connectionsLeft: Check = {
  code: 'connections-left',
  severity: 'advice',
  finds: 'connections that are left on a node in maintenance, or in a pod that ends without a successor on the node',
  run: (_, { cluster }) => cluster.connectionsLeft.filter(({ count }) => count > 0).map(({ node, pod, count }) => ({
    subject: `node ${node}`,
    what: `${count} ${count === 1 ? 'connection is' : 'connections are'} left, in a pod that clients should leave`,
    got: `pod ${pod}`,
    fix: 'wait until none is left before you reboot the node (docs/edge-nodes.md, Maintenance)',
  })),
};

function holdersOf({ holders, allAnswer }: Held): string {
  if (holders.length === 0) {
    return allAnswer ? 'no node holds' : 'it is unknown which node holds';
  }
  return `${holders.join(' and ')} ${holders.length === 1 ? 'holds' : 'hold'}`;
}

/** Who has what, in full sentences: also if nothing is wrong. */
export function stateOf(edge: Edge, facts: Pick<Facts, 'cluster'>): string[] {
  const checks = edge.virtualIps.flatMap(vip => keepalivedOf(facts, vip.workload)
    .flatMap(({ node, checks: verdicts }) => Object.entries(verdicts).map(([name, healthy]) => `on ${node}, ${name} is ${healthy ? 'healthy' : 'sick'}`)));
  return [
    ...held(edge, facts).filter(({ states }) => states !== '').map(one => `${holdersOf(one)} ${one.addresses.join(', ')} (${one.states})`),
    ...checks,
    ...facts.cluster.connectionsLeft.map(({ node, pod, count }) => `on ${node}, ${pod} has ${count} open connections`),
  ];
}
