// external-dns' own sources and plan with its in-memory provider: which records it makes of the objects on the cluster

import { buildExternalDns } from './build';
import { Cluster } from './cluster';
import { run } from './commands';
import { kubeconfigOf } from './keys';
import { Progress } from './progress';

interface Endpoint {
  readonly dnsName: string;
  readonly recordType: string;
  readonly targets: string[];
}

/** `shop.example.com A 192.0.2.100`, sorted. */
export type DnsRecord = string;

/** Zones of the in-memory provider. */
const ZONES = ['example.com', 'example.internal'];

/** The records for these sources. The names of annotations begin with the prefix. @default - as external-dns has it */
export async function recordsOf(cluster: Cluster, progress: Progress, sources: string[], prefix?: string): Promise<DnsRecord[]> {
  const program = await buildExternalDns(progress);
  const argv = [
    program, '--kubeconfig', kubeconfigOf('admin'), '--provider=inmemory', ...ZONES.map(zone => `--inmemory-zone=${zone}`),
    ...sources.map(source => `--source=${source}`), ...prefix ? [`--annotation-prefix=${prefix}`] : [],
  ];
  const endpoints = JSON.parse(await run(cluster.controlPlane.inNetwork(argv), { seconds: 60 })) as Endpoint[] | null;
  return (endpoints ?? []).flatMap(({ dnsName, recordType, targets }) => targets.map(target => `${dnsName} ${recordType} ${target}`)).sort();
}
