// gathers, checks, and reports
import { examine } from './check';
import { CHECKS, CLUSTER_CHECKS } from './checks';
import { stateOf } from './checks/holders';
import { gatherCluster, listPods, noting } from './cluster/gather';
import { Kubectl } from './cluster/kubectl';
import { edgeOf } from './edge/edge';
import { readManifests } from './edge/read';
import { Facts, Unchecked } from './facts';
import { askNodes } from './nodes/ask-nodes';
import { Options } from './options';
import { Report } from './report';

/** Says what is going on; people wait. */
export type Progress = (line: string) => void;

/** Reads the manifests, asks the cluster, and compares. */
export async function diagnose(options: Options, progress: Progress): Promise<Report> {
  const edge = edgeOf(readManifests(options.manifests));
  const kubectl = new Kubectl({ program: options.kubectl, flags: options.kubectlFlags, timeoutSeconds: options.timeoutSeconds });
  progress(`read ${edge.objects.length} objects from ${options.manifests.join(' ')}`);
  progress('asking the cluster');
  const unchecked: Unchecked[] = [];
  const asked = noting(unchecked);
  const cluster = await gatherCluster(edge, kubectl, asked);
  const probed = options.nodeChecks ? await askNodes(edge, cluster.nodes, options, kubectl, progress) : { nodes: [], unchecked: [] };
  if (!options.nodeChecks) {
    progress('not asking the nodes; --node-checks does');
  }
  const podsAfterProbes = probed.nodes.length > 0 ? await listPods(edge, cluster.nodes, kubectl, asked) : [];
  const facts: Facts = { cluster, nodes: probed.nodes, podsAfterProbes, now: new Date() };
  const checks = (probed.nodes.length > 0 ? CHECKS : CLUSTER_CHECKS).filter(({ code }) => !options.ignored.includes(code));
  return {
    findings: examine(checks, edge, facts), unchecked: [...unchecked, ...probed.unchecked], state: stateOf(edge, facts), checks: checks.length,
  };
}
