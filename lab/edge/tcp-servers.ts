// a real PostgreSQL and a real MQTT broker on a machine of the cluster, as Services without a selector

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from '../cluster/cluster';
import { after, succeeds, until } from '../cluster/commands';
import { needPackages } from '../cluster/host';
import { keyFile, WEB_CERTIFICATE } from '../cluster/keys';
import { kill } from '../cluster/machine';
import { Node } from '../cluster/node';
import { KubeObject } from '../cluster/objects';
import { Progress } from '../cluster/progress';
import { nodes } from '../cluster/topology';

/** Debian bookworm's programs. Its `psql` in /usr/bin is a wrapper that looks for servers of this machine. */
const POSTGRES = '/usr/lib/postgresql/15/bin';
export const PSQL = `${POSTGRES}/psql`;
const PACKAGES = {
  [`${POSTGRES}/postgres`]: 'postgresql-15',
  [PSQL]: 'postgresql-client-15',
  '/usr/sbin/mosquitto': 'mosquitto',
  '/usr/bin/mosquitto_sub': 'mosquitto-clients',
};

/** The machine has this folder for itself. */
const FOLDER = '/run/tcp-servers';
const HOST = 'worker-1';

/** Name of each port in its Service. */
type Ports = { readonly [name: string]: number };

/** The Services of the example `tcp-services`, which lead to the servers below. */
export function tcpServices(): KubeObject[] {
  return [...serviceOf('postgres', 'db', { 'tcp-postgres': 5432 }), ...serviceOf('broker', 'iot', { 'tcp-mqtt': 1883, 'tls-mqtt': 8883 })];
}

function serviceOf(name: string, namespace: string, ports: Ports): KubeObject[] {
  const address = nodes(2).find(node => node.name === HOST)!.ipv4;
  const served = Object.entries(ports).map(([port, number]) => ({ name: port, port: number, protocol: 'TCP' }));
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: served } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: served,
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    } as unknown as KubeObject,
  ];
}

/** Both servers. They accept TLS with the certificate of the lab's services; PostgreSQL accepts nothing else. */
export class TcpServers {
  public static async start(cluster: Cluster, progress: Progress): Promise<TcpServers> {
    await needPackages(progress, PACKAGES);
    const servers = new TcpServers(cluster.node(HOST));
    await after(() => progress.stage('start PostgreSQL and mosquitto', () => servers.run()), () => servers.stop());
    return servers;
  }

  private constructor(private readonly node: Node) {}

  /** Ports on which the broker has accepted a client with this name, one for each of its connections. */
  public connectionsOf(client: string): number[] {
    const log = readFileSync(join(this.node.folder, 'mosquitto.log'), 'utf8');
    const ports = new Map([...log.matchAll(/New connection from (\S+) on port (\d+)\./g)].map(([, from, port]) => [from, Number(port)]));
    return [...log.matchAll(/New client connected from (\S+) as (\S+) /g)].filter(([, , name]) => name === client).map(([, from]) => ports.get(from) ?? 0);
  }

  public async stop(): Promise<void> {
    const left = () => ['postgres', 'mosquitto'].flatMap(name => this.node.processes(name));
    left().forEach(pid => kill(pid));
    await until('PostgreSQL and mosquitto have ended', 10, () => left().length === 0);
  }

  private async run(): Promise<void> {
    await this.node.exec(['bash', join(__dirname, 'tcp-servers.sh'), FOLDER, POSTGRES, keyFile(`${WEB_CERTIFICATE}.crt`), keyFile(`${WEB_CERTIFICATE}.key`)], { seconds: 60 });
    this.node.daemon('postgres', [...asPostgres(), `${POSTGRES}/postgres`, '-D', `${FOLDER}/data`, '-k', FOLDER]);
    this.node.daemon('mosquitto', ['mosquitto', '-c', `${FOLDER}/mosquitto.conf`]);
    for (const port of [5432, 1883, 8883]) {
      const connect = this.node.inNetwork(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
      await until(`a server listens on ${port}, see ${this.node.folder}`, 30, () => succeeds(connect));
    }
  }
}

/** PostgreSQL refuses to run as root. */
function asPostgres(): string[] {
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
}
