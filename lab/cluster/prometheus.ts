// a real Prometheus on a machine of the cluster, with rules and scrapes from an edge's own objects
// Debian builds it without `kubernetes_sd_configs`: the lab writes the same targets and labels into a file

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from './cluster';
import { after, run, succeeds, until } from './commands';
import { needPackages } from './host';
import { kill } from './machine';
import { Node } from './node';
import { KubeObject } from './objects';
import { Progress } from './progress';

const PROGRAM = '/usr/bin/prometheus';
const LISTEN = '127.0.0.1:9090';

/** How often the lab looks for pods. */
const DISCOVERY_MS = 1000;

/** What Prometheus reads and evaluates. */
export interface PrometheusFiles {
  /** As in `scrape_configs`, without the discovery of pods. */
  readonly scrapes: object[];
  /** As in a file of rules. */
  readonly rules: object;
  /** Namespace of the pods. */
  readonly namespace: string;
}

/** A series, and its values with their times in seconds since 1970. */
export interface Series {
  readonly metric: { readonly [label: string]: string };
  readonly values: [time: number, value: string][];
}

export class Prometheus {
  /** Starts it with an empty database. */
  public static async start(cluster: Cluster, progress: Progress, { scrapes, rules, namespace }: PrometheusFiles): Promise<Prometheus> {
    await needPackages(progress, { [PROGRAM]: 'prometheus' });
    const node = cluster.node('worker-1');
    const folder = join(node.folder, 'prometheus');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(rules));
    writeFileSync(join(folder, 'prometheus.json'), JSON.stringify({
      rule_files: ['rules.json'],
      scrape_configs: scrapes.map(scrape => ({ ...scrape, file_sd_configs: [{ files: ['targets.json'] }] })),
    }));
    node.daemon('prometheus', [
      PROGRAM, `--config.file=${join(folder, 'prometheus.json')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${LISTEN}`,
    ]);
    const prometheus = new Prometheus(node);
    void prometheus.discover(cluster, namespace, join(folder, 'targets.json'));
    await after(() => until(`Prometheus is ready, see ${node.folder}/prometheus.log`, 30, () => succeeds(prometheus.curl('/-/ready'))), () => prometheus.stop());
    return prometheus;
  }

  private isStopped = false;

  private constructor(private readonly node: Node) {}

  /** Names of the alerts that fire. */
  public async firing(): Promise<string[]> {
    const { alerts } = await this.get<{ alerts: { labels: { alertname: string }; state: 'pending' | 'firing' }[] }>('/api/v1/alerts');
    return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
  }

  /** The series of a query, now. */
  public async query(expr: string): Promise<Pick<Series, 'metric'>[]> {
    return (await this.get<{ result: Series[] }>('/api/v1/query', { query: expr })).result;
  }

  /** The series of a query between two times, in seconds since 1970. */
  public async range(expr: string, start: number, end: number, stepSeconds: number): Promise<Series[]> {
    return (await this.get<{ result: Series[] }>('/api/v1/query_range', { query: expr, start, end, step: stepSeconds })).result;
  }

  public async stop(): Promise<void> {
    this.isStopped = true;
    const processes = () => this.node.processes('prometheus');
    processes().forEach(pid => kill(pid));
    await until('Prometheus has ended', 10, () => processes().length === 0);
  }

  /** Writes the targets as they change. An API server that does not answer leaves them as they are. */
  private async discover(cluster: Cluster, namespace: string, file: string): Promise<void> {
    for (let before = ''; !this.isStopped; await new Promise(resolve => setTimeout(resolve, DISCOVERY_MS))) {
      const pods = await cluster.kubectl(['-n', namespace, 'get', 'pods', '-o', 'json']).catch(() => undefined);
      const targets = pods && JSON.stringify((JSON.parse(pods).items as KubeObject[]).flatMap(targetsOf));
      if (targets && targets !== before) {
        before = targets;
        writeFileSync(`${file}.new`, targets);
        renameSync(`${file}.new`, file);
      }
    }
  }

  private async get<T>(path: string, fields: { [name: string]: string | number } = {}): Promise<T> {
    const data = Object.entries(fields).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]);
    return (JSON.parse(await run(this.curl(path, '--get', ...data))) as { data: T }).data;
  }

  private curl(path: string, ...flags: string[]): string[] {
    return this.node.inNetwork(['curl', '--silent', '--show-error', '--fail', '--noproxy', '*', '--max-time', '10', ...flags, `http://${LISTEN}${path}`]);
  }
}

/** A target for each container, as `role: pod` makes it for a container without ports. */
function targetsOf({ metadata, spec, status }: KubeObject): object[] {
  const meta = (kind: string, values: { [key: string]: string } = {}) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`__meta_kubernetes_pod_${kind}_${key.replace(/\W/g, '_')}`, value]));
  const { annotations } = metadata as { annotations?: { [key: string]: string } };
  const containers = spec.containers as { name: string }[];
  return status.podIP ? containers.map(({ name }) => ({
    targets: [status.podIP],
    labels: {
      ...meta('label', metadata.labels),
      ...meta('annotation', annotations),
      __meta_kubernetes_namespace: metadata.namespace,
      __meta_kubernetes_pod_name: metadata.name,
      __meta_kubernetes_pod_ip: status.podIP,
      __meta_kubernetes_pod_phase: status.phase,
      __meta_kubernetes_pod_node_name: spec.nodeName,
      __meta_kubernetes_pod_container_name: name,
    },
  })) : [];
}
