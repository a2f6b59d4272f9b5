// compares the clocks of the nodes with that of the API server
import type { Asked } from './gather';
import { Kubectl } from './kubectl';
import { KubeObject } from '../edge/objects';
import { ClockFacts } from '../facts';

/**
 * Every ten seconds kubelet writes its node's time into the node's Lease, and the API server notes its own time beside it.
 * The difference also has the time of the request, and the API server's time has whole seconds.
 */
export async function clocksOf(nodes: readonly string[], kubectl: Kubectl, asked: Asked): Promise<ClockFacts[]> {
  const list = ['get', 'leases', '-n', 'kube-node-lease', '--show-managed-fields', '-o', 'json'];
  const leases = await asked('the Leases of the nodes', [] as KubeObject[], async () => (await kubectl.json<{ items: KubeObject[] }>(list)).items);
  return leases.filter(({ metadata }) => nodes.includes(metadata.name)).flatMap(clockOf);
}

interface Manager {
  readonly time?: string;
  readonly fieldsV1?: { readonly 'f:spec'?: { readonly 'f:renewTime'?: object } };
}

function clockOf({ metadata, spec }: KubeObject): ClockFacts[] {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly Manager[] };
  const time = managedFields.find(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:renewTime'] !== undefined)?.time;
  return time === undefined || spec?.renewTime === undefined ? []
    : [{ node: metadata.name, aheadSeconds: (Date.parse(spec.renewTime) - Date.parse(time)) / 1000 }];
}
