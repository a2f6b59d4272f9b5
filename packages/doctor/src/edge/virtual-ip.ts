// the virtual IPs of an edge: keepalived's workload and its addresses
import { instancesIn, VrrpInstance } from './keepalived-conf';
import { KubeObject } from './objects';
import { Workload } from './workload';

/** keepalived's workload. */
export interface VirtualIp {
  readonly workload: Workload;
  readonly instances: readonly VrrpInstance[];
  readonly addresses: readonly string[];
  /** Names of the nodes that the configuration lists. Empty if every node of the workload may run it. */
  readonly nodes: readonly string[];
}

/** All virtual IPs of the manifests. */
export function virtualIpsOf(objects: readonly KubeObject[], workloads: readonly Workload[]): VirtualIp[] {
  return workloads.flatMap(workload => {
    const { spec } = workload.template;
    const names = (spec.volumes ?? []).flatMap((volume: KubeObject) => volume.configMap?.name ?? []);
    const config = objects.find(({ kind, metadata, data }) =>
      kind === 'ConfigMap' && metadata.namespace === workload.namespace && names.includes(metadata.name) && data?.['keepalived.conf'] !== undefined);
    const keepalived = (spec.containers ?? []).find((one: KubeObject | null) => one?.name === 'keepalived');
    if (config === undefined || keepalived === undefined) {
      return [];
    }
    const instances = instancesIn(config.data['keepalived.conf']);
    const addresses = instances.flatMap(instance => instance.addresses.map(({ address }) => address));
    return [{ workload, instances, addresses, nodes: keepalived.command.slice(4) }];
  });
}
