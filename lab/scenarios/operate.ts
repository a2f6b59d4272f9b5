// operate: the commands of docs/operate.md and docs/planned-changes.md, run as somebody on call would. Each prints what its page shows, and the planned
// changes lose no connection

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, CommandFailed, run } from '../cluster/commands';
import { writeObjects } from '../cluster/objects';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, HA_EDGE, objectsOf } from '../edge/examples';
import { Findings } from '../findings';
import { blocksOf, missingLines, PageBlock } from '../page-commands';
import { Scenario, ScenarioContext } from '../scenario';
import { PATIENT_CLIENT } from '../traffic/gateway-rollout';
import { begun, probe, watchHolders } from '../traffic/measure';
import { HAPROXY_INSTEAD, TWO_ADDRESSES } from '../variants/planned-changes';

const MOST_SECONDS = 400;

/** The planned changes of the pages: the mark of their blocks, and the edge whose manifests they apply. */
const CHANGES: { readonly [mark: string]: Example } = { address: TWO_ADDRESSES, engine: HAPROXY_INSTEAD };

export const operate: Scenario = {
  name: 'operate',
  title: 'the commands in docs/operate.md and docs/planned-changes.md print what the pages say; changes of address and engine lose nothing',
  run: async context => {
    const findings = new Findings('operate', context.profile);
    const edge = await context.edges.useWithIstio(HA_EDGE);
    const shell = await Shell.of(edge);
    try {
      await judge(context, shell, 'operate.md', findings);
      if (context.profile.name === 'full') await judge(context, shell, 'planned-changes.md', findings);
    } finally {
      shell.remove();
      await context.edges.clear(); // its certificate is another one now, or it is gone
    }
    return findings.results;
  },
};

async function judge(context: ScenarioContext, shell: Shell, page: string, findings: Findings): Promise<void> {
  const blocks = blocksOf(readFileSync(join(__dirname, '../../docs', page), 'utf8'));
  const wrong: PageBlock[] = [];
  const check = async (block: PageBlock) => {
    if (!await printsAsShown(context, shell, page, block)) wrong.push(block);
  };
  for (const block of blocks) {
    const change = block.marks.find(mark => mark in CHANGES);
    if (change === undefined) {
      await check(block);
    } else if (blocks.find(one => one.marks.includes(change)) === block) {
      const steps = blocks.filter(one => one.marks.includes(change));
      await underLoad(context, shell, change, async () => {
        for (const step of steps) await check(step);
      }, findings);
    }
  }
  findings.add(`docs/${page}: blocks that print something else than shown, of ${blocks.length}`, wrong.length, 'blocks', { goal: 0 });
}

async function underLoad(
  { cluster, progress }: ScenarioContext, shell: Shell, change: string, work: () => Promise<void>, findings: Findings,
): Promise<void> {
  shell.write(CHANGES[change]);
  const { edge } = shell;
  const [client, holders] = await begun(
    probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT), watchHolders(cluster, edge.example.address, MOST_SECONDS),
  );
  const since = Date.now();
  const ended = () => Promise.all([client.end(), holders.end()]);
  await after(work, async () => void await ended());
  const seconds = (Date.now() - since) / 1000;
  const [seen, held] = await ended();
  progress.say(`${change}: ${seen.bad} of ${seen.probes} lost in ${seconds.toFixed(0)} s: ${JSON.stringify(seen.outages)} ${JSON.stringify(held.changes)}`);
  findings.add(`change of the ${change}: new connections lost, of ${seen.probes}`, seen.bad, 'connections', { goal: 0 });
  findings.add(`change of the ${change}: longest time in which no node has the address`, held.longestNoHolderSeconds, 's', {
    limit: 0.25, because: 'a planned move',
  });
  findings.add(`change of the ${change}: two nodes with the address, longest`, held.longestTwoHoldersSeconds, 's', { limit: 0.2, because: 'one advert' });
  findings.add(`change of the ${change}: duration`, seconds, 's');
}

async function printsAsShown({ progress }: ScenarioContext, shell: Shell, page: string, block: PageBlock): Promise<boolean> {
  const where = `docs/${page}:${block.line}`;
  try {
    const output = await shell.run(block);
    const missing = missingLines(block, output);
    if (missing.length > 0) progress.say(`${where} does not print ${JSON.stringify(missing)}, but:\n${output}`);
    return missing.length === 0;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    progress.say(`${where}: ${error.message}`);
    return false;
  }
}

/** A folder and a shell, as the pages assume them: `kubectl` for the cluster, on the client's network. */
class Shell {
  public static async of(edge: EdgeUnderTest): Promise<Shell> {
    const folder = mkdtempSync(join(tmpdir(), 'operate-'));
    mkdirSync(join(folder, 'bin'));
    edge.cluster.controlPlane.writeKubectl(join(folder, 'bin/kubectl'));
    const name = ['-subj', '/CN=shop.example.com', '-addext', 'subjectAltName=DNS:shop.example.com'];
    await run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'shop.key', '-out', 'shop.crt', ...name], { cwd: folder });
    return new Shell(edge, folder);
  }

  private constructor(public readonly edge: EdgeUnderTest, private readonly folder: string) {}

  /** Writes the manifests that the page's `dist/` has. */
  public write(example: Example): void {
    mkdirSync(join(this.folder, 'dist'), { recursive: true });
    writeFileSync(join(this.folder, 'dist/edge.k8s.yaml'), writeObjects(objectsOf(example)));
  }

  public async run({ commands, marks }: PageBlock): Promise<string> {
    const shell = ['bash', '-ec', commands];
    const { cluster } = this.edge;
    const machine = marks.includes('holder') ? await this.edge.holder() : cluster.edges.find(({ name }) => marks.includes(name));
    if (machine) return machine.exec(shell);
    const env = { ...process.env, PATH: `${join(this.folder, 'bin')}:${process.env.PATH}` };
    return run(cluster.client.inNetwork(shell), { cwd: this.folder, env, seconds: 300 });
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
