// planned changes that move a virtual IP to another node

import { undo, until } from '../cluster/commands';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { restart, rollOut } from '../edge/updates';
import { EdgeNodes } from 'cdk8s-istio-edge';

export interface PlannedMove {
  /** Name in the table of results. */
  readonly name: string;
  /** Old pods drain until their connections have ended: the edge is not settled before that. @default false */
  readonly drains?: boolean;
  /** A node serves nothing until its connections have ended: no other change of the round can follow. @default false */
  readonly isLast?: boolean;
  /** Makes the change. `holder` has the address. Returns what undoes it, if that is needed. */
  begin(edge: EdgeUnderTest, holder: Node): Promise<(() => Promise<unknown>) | void>;
}

export const KEEPALIVED_DELETED: PlannedMove = {
  name: 'keepalived\'s pod deleted',
  begin: async (edge, holder) => deletePod(edge, holder, 'virtual-ip'),
};

export const KEEPALIVED_UPDATED: PlannedMove = { name: 'keepalived updated', begin: async edge => void await rollOut(edge, 'virtual-ip') };

/** The address stays, and so does the old process of the first node while it has connections. The other nodes wait for its end. */
export const FRONT_UPDATED: PlannedMove = {
  name: 'front proxy updated',
  drains: true,
  begin: async edge => {
    await restart(edge, 'front-proxy');
    await until('a front proxy has a successor', 60, async () => {
      const pods = await edge.pods('front-proxy');
      const successors = pods.filter(({ ready, leaving }) => ready && !leaving);
      return pods.some(({ leaving }) => leaving) && edge.nodes.every(({ name }) => successors.some(({ node }) => node === name));
    }, 500);
  },
};

/** As an update of the gateway does it on this node. */
export const GATEWAY_REPLACED: PlannedMove = {
  name: 'gateway replaced',
  isLast: true,
  begin: async (edge, holder) => deletePod(edge, holder, 'gateway'),
};

export const MAINTENANCE: PlannedMove = {
  name: 'node labelled for maintenance',
  isLast: true,
  begin: async ({ cluster }, holder) => {
    await cluster.kubectl(['label', 'node', holder.name, `${EdgeNodes.MAINTENANCE_LABEL}=`]);
    return async () => cluster.kubectl(['label', 'node', holder.name, `${EdgeNodes.MAINTENANCE_LABEL}-`]);
  },
};

async function deletePod(edge: EdgeUnderTest, holder: Node, component: 'gateway' | 'virtual-ip'): Promise<void> {
  const { name, namespace } = await edge.podOn(holder, component);
  await edge.cluster.kubectl(['-n', namespace, 'delete', 'pod', name, '--wait=false']);
}

/** Waits until another node has the address. */
export async function movedFrom({ cluster, example: { address } }: EdgeUnderTest, holder: Node): Promise<void> {
  await until(`${address} leaves ${holder.name}`, 30, async () => {
    const [first, ...others] = await cluster.holders(address);
    return first !== undefined && others.length === 0 && first !== holder.name;
  }, 100);
}

/** Does some work, and then undoes moves, also if the work fails. */
export async function undoing<T>(repairs: (() => Promise<unknown>)[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    for (const repair of repairs) await undo(async () => void await repair());
  }
}
