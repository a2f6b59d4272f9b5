// entries: real istiod, a public and an internal site on the same nodes, each at its own virtual address. Nothing of the internal site
// answers at the public address or at a node's own. Each address moves by a planned change and breaks nothing. A firewall closes the
// internal address

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeeds, until } from '../cluster/commands';
import { Node } from '../cluster/node';
import { CLIENT_ADDRESS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, load, requests } from '../traffic/measure';
import { KEEPALIVED_DELETED } from '../traffic/planned-moves';
import { HoldReport } from '../traffic/reports';

/** The addresses may be on different nodes: the scenario itself looks which node holds which. */
const EDGE: Example = { ...HA_EDGE, name: 'public-and-internal', virtual: false };

interface Site {
  readonly address: string;
  readonly host: string;
  /** Begins the names of its pods. */
  readonly service: string;
}

const PUBLIC: Site = { address: EDGE.address, host: 'shop.example.com', service: 'shop' };
const INTERNAL: Site = { address: '192.0.2.101', host: 'grafana.example.internal', service: 'grafana' };
const SITES = [PUBLIC, INTERNAL];

const REQUESTS = 200;
const HELD = 50;
/** New connections a second at each address while it moves. */
const RATE = 50;
/** A connection that waits this long has failed: a lost packet is repeated after a second. */
const TIMEOUT = '5s';

export const entries: Scenario = {
  name: 'entries',
  title: 'real istiod: a public and an internal site on the same nodes, each at its own address; what answers where, planned moves, a firewall',
  run: async context => {
    const findings = new Findings('entries', context.profile);
    const edge = await context.edges.useWithIstio(EDGE);
    await until('both sites answer', 60, async () => (await Promise.all(SITES.map(site => ask(edge, site, site.address, 10)))).every(({ failed }) => failed === 0), 500);
    await whatAnswersWhere(edge, findings);
    await fronted(edge, findings);
    for (const site of SITES) await moves(context, edge, site, findings);
    await closed(edge, findings);
    return findings.results;
  },
};

/** Server name and Host header are those of the site. */
async function ask({ cluster }: EdgeUnderTest, { host }: Site, address: string, count = REQUESTS) {
  return requests(cluster, `${address}:443`, count, '--tls', '--host', host);
}

async function whatAnswersWhere(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const own = edge.nodes.map(({ spec }) => spec.ipv4);
  const places: [Site, string[]][] = [[PUBLIC, [PUBLIC.address, ...own]], [INTERNAL, [INTERNAL.address]]];
  for (const [site, addresses] of places) {
    for (const address of addresses) {
      const { ok, pods } = await ask(edge, site, address);
      const astray = Object.entries(pods).filter(([pod]) => !pod.startsWith(`${site.service}-`)).reduce((sum, [, count]) => sum + count, 0);
      findings.add(`${site.host} at ${address}: requests that its service did not answer, of ${REQUESTS}`, REQUESTS - ok + astray, 'requests', { goal: 0 });
    }
  }
  const wrong: [Site, string[]][] = [[INTERNAL, [PUBLIC.address, ...own]], [PUBLIC, [INTERNAL.address]]];
  for (const [site, addresses] of wrong) {
    for (const address of addresses) {
      const https = await ask(edge, site, address);
      const http = await requests(edge.cluster, `${address}:80`, REQUESTS, '--host', site.host);
      const found = http.failedBy['status:404'] ?? 0;
      findings.add(`${site.host} at ${address}: HTTPS requests answered, of ${REQUESTS}`, https.ok, 'requests', { goal: 0 });
      findings.add(`${site.host} at ${address}: HTTP requests not refused by 404, of ${REQUESTS}`, REQUESTS - found, 'requests', { goal: 0 });
    }
  }
}

/** The server name of the public site, and the Host header of the internal one. */
async function fronted({ cluster }: EdgeUnderTest, findings: Findings): Promise<void> {
  const curl = (host: string) => run(cluster.client.inNetwork([
    'curl', '--silent', '--insecure', '--max-time', '5', '--output', '/dev/null', '--write-out', '%{http_code}',
    '--resolve', `${PUBLIC.host}:443:${PUBLIC.address}`, '--header', `Host: ${host}`, `https://${PUBLIC.host}/`,
  ]));
  const [right, wrong] = [await curl(PUBLIC.host), await curl(INTERNAL.host)];
  findings.add(`${PUBLIC.address}: answers to the public site's own Host header other than 200, of 1`, right === '200' ? 0 : 1, 'answers', { goal: 0 });
  findings.add(`${PUBLIC.address}: answers to the internal Host header behind the public server name other than 404, of 1`, wrong === '404' ? 0 : 1, 'answers', { goal: 0 });
}

/** keepalived's pod is deleted on the node that holds the address. Connections of both addresses are open meanwhile. */
async function moves({ progress }: ScenarioContext, edge: EdgeUnderTest, site: Site, findings: Findings): Promise<void> {
  const { cluster } = edge;
  await edge.settled();
  const holder = await holderOf(edge, site.address);
  const held = Promise.all(SITES.map(one => cluster.fromClient<HoldReport>(hold(one), 60)));
  held.catch(() => undefined); // it is thrown below
  const flags = ['--tls', '--workers', '8', '--rate', `${RATE}`, '--timeout', TIMEOUT];
  const loads = await begun(...SITES.map(one => load(cluster, `${one.address}:443`, 60, '--host', one.host, ...flags)));
  await KEEPALIVED_DELETED.begin(edge, holder);
  await until(`${site.address} leaves ${holder.name}`, 30, async () => {
    const holders = await cluster.holders(site.address);
    return holders.length === 1 && holders[0] !== holder.name;
  });
  const reports = await held;
  const seen = await Promise.all(loads.map(one => one.end()));
  progress.say(`${site.address} left ${holder.name}: ${JSON.stringify([reports, seen.map(({ requests: all, failedBy }) => [all, failedBy])])}`);
  const sum = (figures: number[]) => figures.reduce((total, figure) => total + figure, 0);
  const all = sum(seen.map(report => report.requests));
  findings.add(`${site.address} moves: new connections to both addresses that failed, of ${all}`, sum(seen.map(({ failed }) => failed)), 'connections', { goal: 0 });
  const open = SITES.length * HELD;
  findings.add(`${site.address} moves: open connections to both addresses that broke, of ${open}`, open - sum(reports.map(({ answeredAgain }) => answeredAgain)), 'connections', { goal: 0 });
}

function hold({ address, host }: Site): string[] {
  return ['hold', '--tls', '--host', host, '--target', `${address}:443`, '--connections', `${HELD}`, '--silence', '12s'];
}

async function holderOf({ cluster, nodes }: EdgeUnderTest, address: string): Promise<Node> {
  const [name] = await cluster.holders(address);
  return nodes.find(node => node.name === name)!;
}

/** A table that is not there cannot be deleted. */
const NONE = 'add table inet internal_sites; delete table inet internal_sites';

/** The table of docs/public-and-internal.md on each edge node. The client is outside, then inside. */
async function closed(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const page = readFileSync(join(__dirname, '../../docs/public-and-internal.md'), 'utf8');
  const [, table] = /^nft -f - <<'END'\n(.*?)^END$/ms.exec(page)!;
  const closeTo = async (...inside: string[]) => {
    const input = `${NONE}\n${table.replace('10.0.0.0/8', ['10.0.0.0/8', ...inside].join(', '))}`;
    for (const node of edge.nodes) await run(node.inNetwork(['nft', '-f', '-']), { input });
  };
  try {
    await closeTo();
    const url = `https://${INTERNAL.address}/`;
    const reached = await succeeds(edge.cluster.client.inNetwork([edge.cluster.labtool, 'get', '--timeout', '2s', '--host', INTERNAL.host, url]));
    findings.add('firewall on the nodes: requests from outside that reach the internal site, of 1', reached ? 1 : 0, 'requests', { goal: 0 });
    const shop = await ask(edge, PUBLIC, PUBLIC.address);
    findings.add(`firewall on the nodes: requests to the public site that failed, of ${REQUESTS}`, shop.failed, 'requests', { goal: 0 });
    await closeTo(CLIENT_ADDRESS.ipv4);
    const inside = await ask(edge, INTERNAL, INTERNAL.address);
    findings.add(`firewall on the nodes: requests from inside to the internal site that failed, of ${REQUESTS}`, inside.failed, 'requests', { goal: 0 });
  } finally {
    for (const node of edge.nodes) await run(node.inNetwork(['nft', NONE]));
  }
}
