// pages: the README's quick start, and the commands of pages that have no scenario of their own, as a reader types them. Each prints what its page
// shows, or succeeds and selects something

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { undo } from '../cluster/commands';
import { DEFAULT_MESH } from '../cluster/istio-manifest';
import { removeNamespaces } from '../cluster/pods';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, HA_EDGE } from '../edge/examples';
import { PageShell } from '../edge/page-shell';
import { Findings } from '../findings';
import { blocksOf } from '../page-commands';
import { Scenario, ScenarioContext } from '../scenario';
import { Streams } from '../traffic/streams';
import { MONITORED } from '../variants/monitored';
import { TCP_BY_ISTIO } from '../variants/tcp-services';

/** A page, and what its commands assume. */
interface Page {
  readonly file: string;
  /** @default - the README's edge */
  readonly example?: Example;
  /** Whether clients are connected. */
  readonly connected?: boolean;
  /** What is there before the first command. */
  readonly prepare?: (edge: EdgeUnderTest, shell: PageShell) => Promise<void>;
  /** Removes what the commands leave on nodes. */
  readonly cleanUp?: (edge: EdgeUnderTest) => Promise<void>;
}

const NAMESPACE = 'istio-ingress';
const CONNECTIONS = 20;
const MOST_SECONDS = 300;

const PAGES: Page[] = [
  {
    file: 'README.md',
    prepare: async ({ cluster }, shell) => {
      await removeNamespaces(cluster, [NAMESPACE]);
      shell.project(/^```ts\n(.*?)^```$/ms.exec(textOf('README.md'))![1]);
    },
  },
  { file: 'docs/alerts.md', connected: true },
  { file: 'docs/troubleshooting.md', connected: true },
  { file: 'docs/handover.md', connected: true },
  { file: 'docs/front-proxies.md' },
  { file: 'docs/istio.md' },
  { file: 'docs/edge-nodes.md' },
  {
    file: 'docs/certificates.md',
    prepare: async ({ cluster }, shell) => {
      await cluster.kubectl(['-n', NAMESPACE, 'delete', 'secret', 'shop-tls', '--ignore-not-found']);
      await shell.bash('cp shop.crt partners-ca.crt');
    },
  },
  { file: 'docs/gateways.md', cleanUp: async ({ cluster }) => { await cluster.edges[0].exec(['nft', 'delete table inet edge']); } },
  { file: 'docs/monitoring.md', example: MONITORED[1] },
  { file: 'docs/tcp-services.md', example: TCP_BY_ISTIO },
  {
    file: 'docs/public-and-internal.md',
    example: { ...HA_EDGE, name: 'public-and-internal', virtual: false },
    cleanUp: async ({ cluster }) => { await cluster.edges[0].exec(['nft', 'delete table inet internal_sites']); },
  },
];

export const pages: Scenario = {
  name: 'pages',
  title: 'real istiod: the README\'s quick start and the commands of other pages do what the pages say',
  run: async context => {
    const findings = new Findings('pages', context.profile);
    const chosen = context.profile.name === 'full' ? PAGES : PAGES.slice(0, 1);
    for (const page of chosen) await judge(context, page, findings);
    return findings.results;
  },
};

async function judge({ edges, progress }: ScenarioContext, page: Page, findings: Findings): Promise<void> {
  const { file, example = HA_EDGE, prepare, cleanUp } = page;
  const edge = await edges.useWithIstio(example, DEFAULT_MESH);
  const shell = await PageShell.of(edge);
  let wrong = 0;
  const blocks = blocksOf(textOf(file));
  try {
    await prepare?.(edge, shell);
    const clients = page.connected ? await Streams.open(edge, undefined, CONNECTIONS, MOST_SECONDS) : undefined;
    for (const block of blocks) if (!await shell.printsAsShown(file, block, progress)) wrong++;
    await clients?.end();
    await cleanUp?.(edge);
  } finally {
    shell.remove();
    if (prepare) await undo(() => edges.clear()); // it is not the edge that the lab applied any more
  }
  findings.add(`${file}: blocks that do not print what the page shows, or fail, of ${blocks.length}`, wrong, 'blocks', { goal: 0 });
}

function textOf(file: string): string {
  return readFileSync(join(__dirname, '../..', file), 'utf8');
}
