// the virtual IPs of an edge: keepalived's workload and its addresses
import { addressesIn } from './keepalived-conf';
import { KubeObject } from './objects';
import { Workload } from './workload';

/** keepalived's workload. */
export interface VirtualIp {
  readonly workload: Workload;
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
    const keepalived = spec.containers.find((one: KubeObject) => one.name === 'keepalived');
    return config === undefined || keepalived === undefined ? [] : [{
      workload,
      addresses: addressesIn(config.data['keepalived.conf']),
      nodes: keepalived.command.slice(4),
    }];
  });
}
