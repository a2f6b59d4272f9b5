// what is asked of a cluster, and what is not checked if the user lacks a right
import { healthy, objectsOf } from './healthy';
import { gatherCluster, listPods, noting } from '../../packages/doctor/src/cluster/gather';
import { Kubectl } from '../../packages/doctor/src/cluster/kubectl';
import { tryPods } from '../../packages/doctor/src/cluster/try-pods';
import { diagnose } from '../../packages/doctor/src/doctor';
import { edgeOf } from '../../packages/doctor/src/edge/edge';
import type { Unchecked } from '../../packages/doctor/src/facts';
import { parseOptions } from '../../packages/doctor/src/options';
import { EXAMPLES } from '../support/examples';

const objects = objectsOf('ha-edge');
const edge = edgeOf(objects);

const flags = (script: string) => ['-c', script];

/** A kubectl that is a shell script: `$0` is the verb. */
const kubectl = (script: string) => new Kubectl({ program: 'sh', flags: flags(script), timeoutSeconds: 10 });

const FORBIDDEN = 'echo \'Error from server (Forbidden): User "dev" cannot create resource "pods"\' >&2; exit 1';
const VERSION_ONLY = `[ "$0" != version ] || { echo '{ "serverVersion": { "gitVersion": "v1.36.3" } }'; exit; }; ${FORBIDDEN}`;

test('an istiod that may not be listed is unknown, and not missing', async () => {
  const unchecked: Unchecked[] = [];
  const { istiod } = await gatherCluster(edge, kubectl(VERSION_ONLY), noting(unchecked));
  expect(istiod).toBeUndefined();
  expect(unchecked.map(({ what }) => what)).toContain('istiod');
});

test('pods of two namespaces can have one name', async () => {
  const items = ['a', 'b'].map(namespace => ({ kind: 'Pod', metadata: { name: 'same-0', namespace, uid: namespace } }));
  const pods = await listPods(edge, [], kubectl(`echo '${JSON.stringify({ items })}'`), noting([]));
  expect(pods.map(({ metadata }) => metadata.namespace)).toEqual(['a', 'b']);
});

test('pods that the user may not make are not refused', async () => {
  const unchecked: Unchecked[] = [];
  expect(await tryPods(edge, healthy(objects).cluster.namespaces, kubectl(FORBIDDEN), noting(unchecked))).toEqual([]);
  expect(unchecked.map(({ what }) => what)).toContain('admission of edge-vip\'s pods');
});

test('nodes that could not be asked are in the report', async () => {
  const options = { ...parseOptions([`${EXAMPLES}/ha-edge/dist`, '--node-checks', '--yes', '--kubectl', 'sh']), kubectlFlags: flags(VERSION_ONLY) };
  expect((await diagnose(options, () => undefined)).unchecked).toContainEqual({ what: 'the nodes', why: 'no edge node is ready' });
});
