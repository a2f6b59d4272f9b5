// makes the pods, waits, reads their logs, and deletes them, whatever happens
import { setTimeout as sleep } from 'timers/promises';
import { NodeProbe } from './plan';
import { labelsOf, podOf, PodSource } from './pod';
import { readProbe } from './read-probe';
import { reasonOf } from '../checks/running';
import { Kubectl, KubectlFailed } from '../cluster/kubectl';
import { KubeObject } from '../edge/objects';
import { NodeFacts, Unchecked, VrrpPeer } from '../facts';

/** The user pressed Ctrl-C, or the process was asked to end. */
export class Interrupted extends Error {}

/** What the pods found. */
export interface Probed {
  readonly nodes: readonly NodeFacts[];
  readonly unchecked: readonly Unchecked[];
}

/** Test packets of two pods meet if both run for so long at the same time. */
const COMMON_SECONDS = 3;
const LONGEST_WAIT_SECONDS = 240;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Probes the nodes. Throws KubectlFailed if the pods cannot be made, Interrupted after a signal. */
export async function probeNodes(probes: readonly NodeProbe[], source: PodSource, run: string, kubectl: Kubectl): Promise<Probed> {
  const pods = probes.map(probe => podOf(probe, source, run));
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => (interrupt = () => reject(new Interrupted('interrupted'))));
  SIGNALS.forEach(signal => process.on(signal, interrupt));
  const creating = kubectl.runToEnd(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods }));
  try {
    return await Promise.race([creating.then(() => results(probes, run, source, kubectl)), interrupted]);
  } finally {
    // a pod that is still being made would stay
    await creating.catch(() => undefined);
    await remove(run, source, kubectl).finally(() => SIGNALS.forEach(signal => process.off(signal, interrupt)));
  }
}

/** A failure does not hide what the pods found. */
async function remove(run: string, { namespace }: PodSource, kubectl: Kubectl): Promise<void> {
  const command = ['delete', 'pods', '-n', namespace, ...selectorOf(run), '--wait=false'];
  try {
    await kubectl.runToEnd(command);
  } catch (error) {
    if (!(error instanceof KubectlFailed)) throw error;
    process.stderr.write(`doctor: cannot delete the pods of this run: ${error.reason}\ndoctor: delete them with: ${kubectl.commandLine(command)}\n`);
  }
}

const selectorOf = (run: string) => ['-l', Object.entries(labelsOf(run)).map(label => label.join('=')).join(',')];

interface Ended {
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Such as StartError, OOMKilled, Error. */
  readonly reason: string;
  /** Why it did not start. */
  readonly message?: string;
}

/** How a pod's container ended; why it cannot start; or nothing yet. */
function endOf(pod: KubeObject): Ended | string | undefined {
  const status = pod.status?.containerStatuses?.[0];
  const waiting = status?.state?.waiting?.reason ?? '';
  return status?.state?.terminated ?? (/Err|BackOff|Invalid/.test(waiting) || pod.status?.phase === 'Failed' ? pod.status.message ?? reasonOf(pod) : undefined);
}

async function results(probes: readonly NodeProbe[], run: string, { namespace }: PodSource, kubectl: Kubectl): Promise<Probed> {
  const deadline = Date.now() + LONGEST_WAIT_SECONDS * 1000;
  let pods: KubeObject[];
  do {
    await sleep(500);
    pods = (await kubectl.json<{ items: KubeObject[] }>(['get', 'pods', '-n', namespace, ...selectorOf(run), '-o', 'json'])).items;
  } while (pods.some(pod => endOf(pod) === undefined) && Date.now() < deadline);
  const ends = new Map(pods.map(pod => [pod.spec.nodeName as string, endOf(pod) ?? `it has not ended within ${LONGEST_WAIT_SECONDS} s`]));
  const numbers = new Map(probes.map(({ number, node }) => [number, node]));
  const logOf = (node: string) => kubectl.run(['logs', '-n', namespace, pods.find(({ spec }) => spec.nodeName === node)!.metadata.name]);
  const read = await Promise.all(probes.map(async probe => readOne(probe, ends.get(probe.node), () => logOf(probe.node), numbers)));
  return withCommonTime({ nodes: read.flatMap(({ nodes }) => nodes), unchecked: read.flatMap(({ unchecked }) => unchecked) }, ends);
}

async function readOne(
  probe: NodeProbe, end: Ended | string | undefined, log: () => Promise<string>, numbers: ReadonlyMap<number, string>,
): Promise<Probed> {
  const failed = (why: string): Probed =>
    ({ nodes: [], unchecked: [{ what: `node ${probe.node}`, why: /["'`]perl["'`]/.test(why) ? `${why}; give an image that has perl with --image` : why }] });
  if (end === undefined || typeof end === 'string') {
    return failed(end ?? 'its pod is gone');
  }
  // a container that did not start has no log
  if (end.message) {
    return failed(end.message);
  }
  try {
    const output = await log();
    return end.exitCode === 0 ? { nodes: [readProbe(output, probe, numbers)], unchecked: [] }
      : failed(output.trim().split('\n').pop() || `its pod ended with exit code ${end.exitCode}, ${end.reason}`);
  } catch (error) {
    if (!(error instanceof KubectlFailed)) throw error;
    return failed(error.reason);
  }
}

/** Leaves out silent peers whose pods hardly ran at the same time. The times are those of the nodes' clocks, so a peer that was heard stays. */
function withCommonTime({ nodes, unchecked }: Probed, ends: ReadonlyMap<string, Ended | string>): Probed {
  const common = (one: string, other: string) => {
    const runs = [ends.get(one), ends.get(other)].filter((end): end is Ended => typeof end === 'object');
    const [starts, finishes] = [runs.map(({ startedAt }) => Date.parse(startedAt)), runs.map(({ finishedAt }) => Date.parse(finishedAt))];
    return runs.length === 2 && Math.min(...finishes) - Math.max(...starts) >= COMMON_SECONDS * 1000;
  };
  const isJudged = ({ node, heard }: NodeFacts, peer: VrrpPeer) =>
    common(node, peer.node) || heard.some(one => one.node === peer.node && one.family === peer.family);
  const met = nodes.map(facts => ({ ...facts, peers: facts.peers.filter(peer => isJudged(facts, peer)) }));
  const missed = nodes.flatMap(facts => facts.peers.filter(peer => !isJudged(facts, peer))
    .map(peer => ({ what: `VRRP from ${peer.node} to ${facts.node}`, why: 'by the clocks of the nodes, the pods did not run at the same time' })));
  return { nodes: met, unchecked: [...unchecked, ...missed] };
}
