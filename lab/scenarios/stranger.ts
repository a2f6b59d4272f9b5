// stranger: something else has port 443 of a node. A process of root could share the port; a pod with hostPort, such as k3s' servicelb, gets the
// connections before any listener. In both cases port-guard does not let the front proxy start and logs why; keepalived gives that node no address.
// When the stranger has gone, the proxy starts by itself

import { join } from 'node:path';
import { startDetached, undo, until } from '../cluster/commands';
import { labReference } from '../cluster/image-table';
import { kill } from '../cluster/machine';
import { Node } from '../cluster/node';
import { writeObjects } from '../cluster/objects';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, probe, watchHolders } from '../traffic/measure';

const PORT = 443;
const NAME = 'stranger';
const LABEL = 'cdk8s-istio-edge/maintenance';
const MOST_SECONDS = 240;
/** Messages that the operator must find in the log. */
export const REFUSAL = new RegExp(`not starting: port ${PORT} is in use by a process that is no older pod of .*ss -ltnp`);
export const REDIRECTED = new RegExp(`not starting: port ${PORT} of \\S+ is redirected.*k3s servicelb.*hostPort`);

interface Stranger {
  readonly who: string;
  readonly refusal: RegExp;
  /** Takes the port, and returns a function that releases it. */
  start(edge: EdgeUnderTest, node: Node): Promise<() => Promise<void>>;
}

const PROCESS: Stranger = {
  who: 'a process',
  refusal: REFUSAL,
  start: async ({ cluster }, node) => {
    const flags = ['backend', '--http=', '--health=', `--https=:${PORT}`, '--reuse-port'];
    const pid = startDetached(['env', `POD_NAME=${NAME}`, ...node.inNetwork([cluster.labtool, ...flags])], join(node.folder, 'stranger.log'));
    return async () => kill(pid);
  },
};

const HOST_PORT: Stranger = {
  who: 'a pod with hostPort',
  refusal: REDIRECTED,
  start: async ({ cluster }, node) => {
    await cluster.apply(writeObjects([{
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: NAME, namespace: 'default' },
      spec: {
        nodeName: node.name,
        terminationGracePeriodSeconds: 1,
        containers: [{
          name: NAME,
          image: labReference('labtool'),
          imagePullPolicy: 'Never',
          args: ['backend', '--http=', '--health=', '--https=:8443'],
          env: [{ name: 'POD_NAME', value: NAME }],
          ports: [{ containerPort: 8443, hostPort: PORT }],
        }],
      },
    }]));
    return async () => { await cluster.kubectl(['delete', 'pod', NAME, '--wait', '--timeout=30s'], { seconds: 40 }); };
  },
};

interface Seen {
  /** port-guard's refusal: it names the port, and how to find who has it. */
  readonly said: string;
  /** Seconds until the refusal. */
  readonly refused: number;
  /** keepalived's state on the node. */
  readonly state: string;
  /** Whether a proxy serves on the node. */
  readonly served: boolean;
}

export const stranger: Scenario = {
  name: 'stranger',
  title: `something else has port ${PORT} of a node: the proxy does not start beside it, the VIP stays away`,
  run: async context => {
    const findings = new Findings('stranger', context.profile);
    for (const one of [PROCESS, HOST_PORT]) await meet(one, context, findings);
    return findings.results;
  },
};

async function meet(one: Stranger, { cluster, edges, progress }: ScenarioContext, findings: Findings): Promise<void> {
  const edge = await edges.use(HA_EDGE);
  const node = edge.other(await edge.holder());
  const [client, holders] = await begun(
    probe(cluster, edge.target(PORT), MOST_SECONDS, '--tls', '--interval', '10ms'), watchHolders(cluster, edge.example.address, MOST_SECONDS),
  );
  const { said, refused, state, served } = await beside(one, edge, node);
  const gone = Date.now();
  await edge.settled(90);
  const seconds = (Date.now() - gone) / 1000;
  const [seen, held] = [await client.end(), await holders.end()];
  progress.say(`port-guard on ${node.name}: ${said}`);
  const add: Findings['add'] = (what, ...figure) => findings.add(`${one.who}: ${what}`, ...figure);
  add('from the pod\'s start until port-guard has said why it refuses', refused, 's', { limit: 20, because: '5 s in which a port may become free, and kubelet\'s part' });
  add('front proxies that serve beside the stranger', served ? 1 : 0, 'proxies', { goal: 0 });
  add('keepalived in another state than FAULT on that node', state === 'FAULT' ? 0 : 1, 'nodes', { goal: 0 });
  add('moves of the VIP', held.changes.length - 1, 'moves', { goal: 0 });
  add(`requests to the VIP answered by the stranger, of ${seen.probes}`, seen.pods[NAME] ?? 0, 'requests', { goal: 0 });
  add('longest outage of the VIP', seen.longestOutageSeconds, 's', { goal: 0 });
  add('edge settled after the stranger has gone', seconds, 's', { limit: 30, because: 'the next start of port-guard, readiness, and the check\'s rise' });
}

/** The port is free only during maintenance, while no proxy runs. */
async function beside(one: Stranger, edge: EdgeUnderTest, node: Node): Promise<Seen> {
  const label = (value: string) => edge.cluster.kubectl(['label', 'node', node.name, '--overwrite', `${LABEL}${value}`]);
  let stop = async () => {};
  try {
    await label('=');
    await until(`the proxy on ${node.name} has ended`, 90, async () => !(await edge.pods('front-proxy')).some(pod => pod.node === node.name));
    stop = await one.start(edge, node);
    await until('the stranger answers', 20, () => edge.serves(node, PORT));
    await label('-');
    const started = Date.now();
    let said = '';
    await until(`port-guard on ${node.name} has refused`, 60, async () => {
      said = (await guardLog(edge, node)).split('\n').find(line => one.refusal.test(line)) ?? '';
      return said !== '';
    }, 1000);
    return { said, refused: (Date.now() - started) / 1000, state: edge.vrrpState(node), served: await edge.serves(node, 80) };
  } finally {
    await undo(async () => {
      await stop();
      await label('-');
    });
  }
}

/** Log of this start of the init container, and of the previous one. */
async function guardLog(edge: EdgeUnderTest, node: Node): Promise<string> {
  const pod = (await edge.pods('front-proxy')).find(one => one.node === node.name && !one.leaving);
  if (!pod) return '';
  const log = (...flags: string[]) => edge.cluster.kubectl(['-n', pod.namespace, 'logs', pod.name, '-c', 'port-guard', ...flags]).catch(() => '');
  return `${await log('--previous')}${await log()}`;
}
