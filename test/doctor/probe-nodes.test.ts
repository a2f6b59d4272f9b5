// pods are made and deleted whatever happens, and what ended them is reported
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { NODES, objectsOf } from './healthy';
import { Kubectl } from '../../packages/doctor/src/cluster/kubectl';
import { edgeOf } from '../../packages/doctor/src/edge/edge';
import { nodesToProbe, planProbes } from '../../packages/doctor/src/nodes/plan';
import { podSource } from '../../packages/doctor/src/nodes/pod';
import { Interrupted, probeNodes } from '../../packages/doctor/src/nodes/probe-nodes';

const edge = edgeOf(objectsOf('ha-edge'));
const probes = planProbes(edge, nodesToProbe(edge, NODES).ready);
const source = podSource(edge, {})!;
const folder = mkdtempSync(join(tmpdir(), 'doctor-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** A kubectl that is a shell script: `$0` is the verb. */
const kubectl = (script: string) => new Kubectl({ program: 'sh', flags: ['-c', script], timeoutSeconds: 10 });

const ended = (exitCode: number, more: object = {}) => ({ exitCode, startedAt: '2026-11-29T03:00:00Z', finishedAt: '2026-11-29T03:00:08Z', ...more });

/** A kubectl whose pods ended so; their logs are those of probes 1 and 2. */
function withPods(ends: readonly object[], { logs = 'echo "heard 1 4"; echo "heard 2 4"', remove = 'true' } = {}): Kubectl {
  const items = ends.map((terminated, index) => (
    { metadata: { name: `run-${index + 1}` }, spec: { nodeName: probes[index].node }, status: { containerStatuses: [{ state: { terminated } }] } }
  ));
  return kubectl(`case "$0" in get) echo '${JSON.stringify({ items })}';; logs) ${logs};; delete) ${remove};; esac`);
}

test('Ctrl-C at a terminal does not reach the kubectl that makes and deletes pods, and reaches the others', async () => {
  const groups = join(folder, 'groups');
  const script = `echo "$0 $(cut -d ' ' -f 5 /proc/self/stat)" >> ${groups}; [ "$0" != get ] || exit 1`;
  await expect(probeNodes(probes, source, 'run', kubectl(script))).rejects.toThrow('kubectl get pods');
  const own = readFileSync('/proc/self/stat', 'utf8').split(' ')[4];
  const found = readFileSync(groups, 'utf8').trim().split('\n').map(line => line.split(' '));
  expect(found.map(([verb, group]) => [verb, group === own])).toEqual([['create', false], ['get', true], ['delete', false]]);
});

describe('a failed delete', () => {
  const refusal = 'echo "Error from server (Forbidden): no" >&2; exit 1';

  test('leaves what the pods found, and says how to delete them', async () => {
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const { nodes } = await probeNodes(probes, source, 'run', withPods([ended(0), ended(0)], { remove: refusal }));
    const said = stderr.mock.calls.join('');
    stderr.mockRestore();
    expect(nodes.map(({ node }) => node)).toEqual(['edge-1', 'edge-2']);
    expect(said).toMatch(/cannot delete the pods of this run: no\n.*delete pods -n istio-ingress -l app\.kubernetes\.io\/name=cdk8s-istio-edge-doctor,app\.kubernetes\.io\/instance=run/);
  });

  test('leaves the interruption, and no listener of signals', async () => {
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const before = process.listenerCount('SIGHUP');
    const probing = probeNodes(probes, source, 'run', withPods([], { remove: refusal }));
    process.emit('SIGHUP');
    await expect(probing).rejects.toThrow(Interrupted);
    stderr.mockRestore();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });
});

test.each([
  ['an image without perl', { reason: 'StartError', message: 'exec: "perl": not found' }, 'true', 'exec: "perl": not found; give an image that has perl with --image'],
  ['an error of the probe', { reason: 'Error' }, 'echo "no socket"', 'no socket'],
  ['an end without a word', { reason: 'OOMKilled' }, 'true', 'its pod ended with exit code 137, OOMKilled'],
])('%s is the reason why a node is not checked', async (_, more, logs, why) => {
  const { unchecked } = await probeNodes(probes, source, 'run', withPods([ended(137, more), ended(137, more)], { logs }));
  expect(unchecked).toEqual([{ what: 'node edge-1', why }, { what: 'node edge-2', why }]);
});

describe('pods whose clocks differ by an hour', () => {
  const ends = [ended(0), ended(0, { startedAt: '2026-11-29T04:00:00Z', finishedAt: '2026-11-29T04:00:08Z' })];

  test('a peer that was heard is judged', async () => {
    const { nodes, unchecked } = await probeNodes(probes, source, 'run', withPods(ends));
    expect(unchecked).toEqual([]);
    expect(nodes.map(({ peers }) => peers)).toEqual([[{ node: 'edge-2', family: 'IPv4' }], [{ node: 'edge-1', family: 'IPv4' }]]);
  });

  test('a peer that was not heard is not checked', async () => {
    const { nodes, unchecked } = await probeNodes(probes, source, 'run', withPods(ends, { logs: 'true' }));
    expect(nodes.map(({ peers }) => peers)).toEqual([[], []]);
    expect(unchecked.map(({ what }) => what)).toEqual(['VRRP from edge-2 to edge-1', 'VRRP from edge-1 to edge-2']);
  });
});
