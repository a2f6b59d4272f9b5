// shows the pods, asks, and probes the nodes
import { createInterface } from 'readline/promises';
import { stringify } from 'yaml';
import { NodeProbe, nodesToProbe, planProbes } from './plan';
import { podOf, podSource, PodSource, PROGRAM } from './pod';
import { Probed, probeNodes } from './probe-nodes';
import { Kubectl, KubectlFailed } from '../cluster/kubectl';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { Options, UsageError } from '../options';

const unchecked = (why: string): Probed => ({ nodes: [], unchecked: [{ what: 'the nodes', why }] });

/** Asks the edge nodes, if the user agrees to the pods. */
export async function askNodes(
  edge: Edge, nodes: readonly KubeObject[], options: Options, kubectl: Kubectl, progress: (line: string) => void,
): Promise<Probed> {
  const { ready, unready } = nodesToProbe(edge, nodes);
  const source = podSource(edge, options);
  if (source === undefined) {
    return unchecked('no image of the manifests has perl; give --image, such as that of istio/proxyv2');
  }
  if (ready.length === 0) {
    return unchecked('no edge node is ready');
  }
  const probes = planProbes(edge, ready);
  const run = `edge-doctor-${Math.random().toString(36).slice(2, 8)}`;
  if (!options.yes && !await agrees(probes, source, run)) {
    return unchecked('you did not agree to the pods');
  }
  progress(`asking ${ready.length === 1 ? 'a node' : `${ready.length} nodes`} with pods in ${source.namespace}`);
  const probed = await probeNodes(probes, source, run, kubectl).catch((error: Error) => {
    if (!(error instanceof KubectlFailed)) throw error;
    return unchecked(error.notFound ? `${error.reason}; give another namespace with --namespace` : error.reason);
  });
  const missing = unready.map(({ metadata }) => ({ what: `node ${metadata.name}`, why: 'it is not Ready' }));
  return { nodes: probed.nodes, unchecked: [...probed.unchecked, ...missing] };
}

/** The pods, as the user sees them: the first one in full, and how the others differ. */
export function describePods(probes: readonly NodeProbe[], source: PodSource, run: string): string {
  const pods = probes.map(probe => podOf(probe, source, run));
  const others = pods.slice(1).map(({ metadata, spec }) => {
    const { command } = spec.containers[0] as { command: string[] };
    return `# the same on ${spec.nodeName}: ${metadata.name}, with the arguments ${command.slice(command.indexOf(PROGRAM) + 2).join(' ')}\n`;
  });
  return `${stringify(pods[0], { lineWidth: 0 })}${others.join('')}`;
}

async function agrees(probes: readonly NodeProbe[], source: PodSource, run: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError('--node-checks asks before it makes pods, and there is no terminal; give --yes');
  }
  process.stderr.write(`${describePods(probes, source, run)}\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const question = `Make ${probes.length === 1 ? 'this pod' : `these ${probes.length} pods`} in ${source.namespace}, and delete them afterwards? [y/N] `;
  // Ctrl-C and Ctrl-D close the terminal, and there is no answer then
  const closed = new Promise<string>(resolve => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
