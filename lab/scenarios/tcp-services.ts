// tcp-services: PostgreSQL and MQTT over TLS behind a real istiod, by both route APIs: queries and messages through the virtual address,
// and sessions that stay open while the address makes a planned move

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeeds, undo, until } from '../cluster/commands';
import { conditionsIn } from '../cluster/gateway-api';
import { keyFile } from '../cluster/keys';
import { RUN } from '../cluster/machine';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example } from '../edge/examples';
import { PSQL, TcpServers } from '../edge/tcp-servers';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { KEEPALIVED_DELETED, movedFrom } from '../traffic/planned-moves';
import { TCP_BY_GATEWAY_API, TCP_BY_ISTIO } from '../variants/tcp-services';

/** New connections of PostgreSQL, one after the other. */
const CONNECTIONS = 20;
/** Sessions of PostgreSQL, and of each MQTT client, while the address moves. */
const SESSIONS = 10;
/** Of each session, a tenth of a second apart. */
const STEPS = 120;

/** Host → the broker's port at which its clients arrive. */
const BROKERS: { [host: string]: number } = { 'mqtt.example.com': 8883, 'events.example.com': 1883 };

/** Prints $1 lines, one every tenth of a second; `#` in $2 becomes the number of the line. */
const SLOWLY = 'for i in $(seq "$1"); do echo "${2//#/$i}"; sleep 0.1; done';

export const tcpServicesScenario: Scenario = {
  name: 'tcp-services',
  title: 'real istiod: PostgreSQL and MQTT over TLS by both route APIs; their sessions live on while the address moves',
  run: async context => {
    const findings = new Findings('tcp-services', context.profile);
    const servers = await TcpServers.start(context.cluster, context.progress);
    try {
      for (const one of [TCP_BY_ISTIO, TCP_BY_GATEWAY_API]) await judge(context, one, servers, findings);
    } finally {
      await undo(() => servers.stop());
    }
    return findings.results;
  },
};

async function judge({ edges, progress }: ScenarioContext, one: Example, servers: TcpServers, findings: Findings): Promise<void> {
  const clients = new Clients(await edges.useWithIstio(one), servers);
  const add = (what: string, figure: number, unit: string) => findings.add(`${one.name}: ${what}`, figure, unit, { goal: 0 });
  await clients.open();
  const conditions = await conditionsIn(clients.edge.cluster, 'istio-ingress');
  conditions.filter(({ met }) => !met).forEach(({ object, message }) => progress.say(`${object}: ${message}`));
  if (one === TCP_BY_GATEWAY_API) add(`conditions that istiod does not call true, of ${conditions.length}`, conditions.filter(({ met }) => !met).length, 'conditions');

  add(`connections of psql that failed or were not encrypted to the server, of ${CONNECTIONS}`, CONNECTIONS - await clients.connections(), 'connections');
  add('TLS connections to a name without a service that got through, of 1', await clients.reaches('other.example.com') ? 1 : 0, 'connections');

  const { sessions, messages, reconnected } = await clients.whileMoving();
  const hosts = Object.keys(BROKERS).length;
  add(`sessions of psql that broke in a planned move, of ${SESSIONS}`, SESSIONS - sessions, 'sessions');
  add(`messages of MQTT clients that did not arrive in a planned move, of ${hosts * STEPS}`, hosts * STEPS - messages, 'messages');
  add(`MQTT clients that connected again, or at another port of the broker, of ${2 * hosts}`, reconnected, 'clients');
}

/** What users type. */
class Clients {
  private readonly hosts = join(RUN, 'tcp-services.hosts');
  private rounds = 0;

  constructor(public readonly edge: EdgeUnderTest, private readonly servers: TcpServers) {}

  /** Returns when every service answers: a gateway opens a port only after it has the route. */
  public async open(): Promise<void> {
    writeFileSync(this.hosts, ['127.0.0.1 localhost', ...Object.keys(BROKERS).map(host => `${this.edge.example.address} ${host}`)].join('\n'));
    await until('PostgreSQL answers', 30, async () => (await this.query('SELECT 1')) === '1', 500);
    for (const host of Object.keys(BROKERS)) await until(`${host} answers`, 30, () => this.reaches(host), 500);
  }

  /** Connections that the server itself encrypts. */
  public async connections(): Promise<number> {
    let good = 0;
    for (let number = 0; number < CONNECTIONS; number++) {
      if (await this.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()') === 't') good++;
    }
    return good;
  }

  /** Whether a broker's certificate comes back. */
  public async reaches(host: string): Promise<boolean> {
    const connect = ['openssl', 's_client', '-connect', this.edge.target(8883), '-servername', host, '-CAfile', keyFile('ca.crt'), '-verify_return_error', '-brief'];
    return succeeds(this.edge.cluster.client.inNetwork(['timeout', '5', 'bash', '-c', '"$@" </dev/null', 'connect', ...connect]));
  }

  /** Keeps sessions busy, and moves the address meanwhile. */
  public async whileMoving(): Promise<{ sessions: number; messages: number; reconnected: number }> {
    const round = `${++this.rounds}-${this.edge.example.name.replace(/\W/g, '')}`;
    const hosts = Object.keys(BROKERS);
    const subscribers = hosts.map(host => this.subscribed(host, round));
    for (const host of hosts) await until(`the subscriber of ${host} is connected`, 20, () => this.servers.connectionsOf(`sub-${host}-${round}`).length > 0);
    const sessions = Array.from({ length: SESSIONS }, () => this.session());
    const publishers = hosts.map(host => this.published(host, round));
    await this.move();
    const kept = (await Promise.all(sessions)).filter(good => good).length;
    await Promise.all(publishers);
    const messages = (await Promise.all(subscribers)).reduce((sum, count) => sum + count, 0);
    const wrong = hosts.flatMap(host => ['sub', 'pub'].filter(kind => this.servers.connectionsOf(`${kind}-${host}-${round}`).join() !== `${BROKERS[host]}`));
    return { sessions: kept, messages, reconnected: wrong.length };
  }

  private async move(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 2_000));
    const holder = await this.edge.holder();
    await KEEPALIVED_DELETED.begin(this.edge, holder);
    await movedFrom(this.edge, holder);
  }

  /** Whether all queries of one session got their answers from one process of the server. */
  private async session(): Promise<boolean> {
    const answers = await this.slowly('SELECT #, pg_backend_pid();', this.psql('--file=-'));
    const rows = answers.trim().split('\n').map(row => row.split('|'));
    return rows.length === STEPS && new Set(rows.map(([, pid]) => pid)).size === 1;
  }

  /** How many messages arrived. */
  private async subscribed(host: string, round: string): Promise<number> {
    const words = ['mosquitto_sub', ...this.mqtt('sub', host, round), '-C', `${STEPS}`, '-W', '60'];
    return (await run(this.knowing(words), { seconds: 70 }).catch((error: { stdout?: string }) => error.stdout ?? '')).split('\n').filter(line => line).length;
  }

  private async published(host: string, round: string): Promise<void> {
    await this.slowly('message #', ['mosquitto_pub', ...this.mqtt('pub', host, round), '-l']).catch(() => undefined); // the subscriber counts what arrives
  }

  private mqtt(kind: string, host: string, round: string): string[] {
    return ['-h', host, '-p', '8883', '--cafile', keyFile('ca.crt'), '-t', `lab/${host}`, '-q', '1', '-i', `${kind}-${host}-${round}`];
  }

  private async query(text: string): Promise<string> {
    return run(this.edge.cluster.client.inNetwork(this.psql('--command', text)), { seconds: 15 }).then(answer => answer.trim(), (error: Error) => error.message);
  }

  private psql(...words: string[]): string[] {
    const { address } = this.edge.example;
    const target = `host=db.example.com hostaddr=${address} port=5432 user=lab dbname=postgres sslmode=verify-full sslrootcert=${keyFile('ca.crt')} connect_timeout=5`;
    return [PSQL, '--no-psqlrc', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', ...words, target];
  }

  /** Gives a program a line every tenth of a second. */
  private async slowly(line: string, program: string[]): Promise<string> {
    const piped = ['bash', '-o', 'pipefail', '-c', `${SLOWLY} | "\${@:3}"`, 'slowly', `${STEPS}`, line, ...program];
    return run(this.knowing(piped), { seconds: 90 }).catch((error: { stdout?: string }) => error.stdout ?? '');
  }

  /** A command on the client, whose /etc/hosts has the names: mosquitto sends the name that it connects to. */
  private knowing(argv: string[]): string[] {
    const bind = ['unshare', '--mount', '--propagation', 'private', 'bash', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', this.hosts];
    return this.edge.cluster.client.inNetwork([...bind, ...argv]);
  }
}
