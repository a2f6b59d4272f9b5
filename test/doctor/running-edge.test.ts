// what the pods of an edge that runs are asked, and what it means if they do not answer
import { objectsOf, running } from './healthy';
import type { Changeable } from './healthy';
import { stateOf } from '../../packages/doctor/src/checks/holders';
import type { Asked } from '../../packages/doctor/src/cluster/gather';
import { Kubectl, KubectlFailed } from '../../packages/doctor/src/cluster/kubectl';
import { askKeepalived, countConnections } from '../../packages/doctor/src/cluster/running-edge';
import { edgeOf } from '../../packages/doctor/src/edge/edge';
import type { KubeObject } from '../../packages/doctor/src/edge/objects';

const objects = objectsOf('ha-edge');
const edge = edgeOf(objects);

/** A kubectl that is a shell script: `$2` is the namespace and `$3` the pod of exec. */
const kubectl = (script: string) => new Kubectl({ program: 'sh', flags: ['-c', script], timeoutSeconds: 10 });

const asked: Asked = async (_, none, ask) => ask().catch(() => none);

/** The cluster, with every container running. */
function cluster() {
  const facts = running(objects);
  facts.cluster.pods.forEach(({ spec, status }) => {
    status.containerStatuses = spec.containers.map(({ name }: KubeObject) => ({ name, state: { running: {} } }));
  });
  return facts.cluster;
}

const ofFront = (pods: Changeable<KubeObject>[]) => pods.find(({ metadata }) => metadata.name === 'edge-front-envoy-1')!;

const end = ({ metadata }: Changeable<KubeObject>) => (metadata.deletionTimestamp = '2026-11-29T03:00:00Z');

test('a holder whose pod does not answer is unknown', async () => {
  const found = cluster();
  const script = '[ "$3" != edge-vip-0 ] || exit 1; echo "vip-192-0-2-100.state BACKUP"; echo "edge-front-envoy.sick 0"';
  const keepalived = await askKeepalived(edge, found.pods, kubectl(script), asked);
  expect(stateOf(edge, { cluster: { ...found, keepalived } })).toEqual([
    'it is unknown which node holds 192.0.2.100 (edge-1 does not answer, edge-2 BACKUP)', 'on edge-2, edge-front-envoy is healthy',
  ]);
});

test('a keepalived that ends is not asked', async () => {
  const { pods } = cluster();
  end(pods.find(({ metadata }) => metadata.name === 'edge-vip-0')!);
  const keepalived = await askKeepalived(edge, pods, kubectl('echo "vip-192-0-2-100.state MASTER"'), asked);
  expect(keepalived.map(({ node }) => node)).toEqual(['edge-2']);
});

test('connections of a pod that ends alone are left', async () => {
  const { nodes, pods } = cluster();
  end(ofFront(pods));
  expect(await countConnections(edge, { nodes, pods }, kubectl('echo 3'), asked)).toEqual([{ node: 'edge-2', pod: 'edge-front-envoy-1', count: 3 }]);
});

test('connections of a pod that ends beside its successor are not left: an update goes on', async () => {
  const { nodes, pods } = cluster();
  pods.push(structuredClone(ofFront(pods)));
  end(ofFront(pods));
  expect(await countConnections(edge, { nodes, pods }, kubectl('echo 3'), asked)).toEqual([]);
});

test('connections of every pod on a node in maintenance are left', async () => {
  const { nodes, pods } = cluster();
  nodes[1].metadata.labels!['cdk8s-istio-edge/maintenance'] = '';
  expect(await countConnections(edge, { nodes, pods }, kubectl('echo 3'), asked)).toEqual([{ node: 'edge-2', pod: 'edge-front-envoy-1', count: 3 }]);
});

test.each([
  ['Error from server (NotFound): pods "a" not found', true],
  ['Error from server (NotFound): the server could not find the requested resource', true],
  ['error: Internal error occurred: exec: "sh": executable file not found in $PATH: unknown', false],
  ['error: unable to upgrade connection: container not found ("keepalived")', false],
])('%s: the API server has no such object: %p', (stderr, notFound) => expect(new KubectlFailed(['exec'], stderr).notFound).toBe(notFound));
