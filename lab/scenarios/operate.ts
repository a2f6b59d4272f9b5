// operate: the commands of docs/operate.md, docs/planned-changes.md and docs/roll-back.md, run as somebody on call would. Each prints what its page
// shows, and planned changes and roll-backs lose no connection

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ISTIO_NEXT_VERSION, ISTIO_VERSION } from '../cluster/build';
import { DEFAULT_MESH } from '../cluster/istio-manifest';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE, objectsOf } from '../edge/examples';
import { PageShell } from '../edge/page-shell';
import { push } from '../edge/updates';
import { Findings } from '../findings';
import { blocksOf, PageBlock } from '../page-commands';
import { Scenario, ScenarioContext } from '../scenario';
import { judgeChange } from '../traffic/documented-change';
import { SLOWER_CONNECT } from '../variants/git-changes';
import { behindFronts } from '../variants/istio-version';
import { OLDER_LIBRARY } from '../variants/older-library';
import { HAPROXY_INSTEAD, TWO_ADDRESSES } from '../variants/planned-changes';

/** Something that a page describes in several steps, marked by one word. */
interface Change {
  readonly what: string;
  /** What the page leaves to other tools: it runs before the step with this number. */
  readonly beforeStep?: { readonly [step: number]: (edge: EdgeUnderTest) => Promise<void> };
  /** What is there before the first step: in the cluster, and in `dist/`. */
  prepare(edge: EdgeUnderTest, shell: PageShell): Promise<void> | void;
}

const CHANGES: { readonly [mark: string]: Change } = {
  address: { what: 'change of the address', prepare: (_, shell) => shell.write(TWO_ADDRESSES) },
  engine: { what: 'change of the engine', prepare: (_, shell) => shell.write(HAPROXY_INSTEAD) },
  configuration: {
    what: 'roll-back of a configuration',
    prepare: async (edge, shell) => {
      await push(edge, ...objectsOf(SLOWER_CONNECT));
      await edge.rolledOut(300);
      shell.write(HA_EDGE);
    },
  },
  library: {
    what: 'roll-back of the library',
    prepare: async (edge, shell) => {
      for (const [version, message] of [[OLDER_LIBRARY, 'older library'], [HA_EDGE, 'newer library']] as const) {
        shell.write(version);
        await shell.commit(message);
        await push(edge, ...objectsOf(version));
        await edge.rolledOut(300);
      }
    },
  },
  istio: {
    what: 'roll-back of Istio, gateway without a version',
    prepare: async edge => {
      await edge.istio!.upgrade(ISTIO_NEXT_VERSION);
      await edge.cluster.kubectl(['-n', 'istio-ingress', 'rollout', 'restart', 'deployment/edge-gateway']);
      await edge.rolledOut(300);
    },
    beforeStep: { 0: edge => edge.istio!.upgrade(ISTIO_VERSION) },
  },
  versioned: {
    what: 'roll-back of Istio, gateway with a version',
    prepare: async (edge, shell) => {
      await edge.istio!.upgrade(ISTIO_NEXT_VERSION);
      await push(edge, ...objectsOf(behindFronts('envoy')(ISTIO_NEXT_VERSION)));
      await edge.rolledOut(300);
      shell.write(behindFronts('envoy')(ISTIO_VERSION));
    },
    beforeStep: { 1: edge => edge.istio!.upgrade(ISTIO_VERSION) },
  },
};

export const operate: Scenario = {
  name: 'operate',
  title: 'the commands in docs/operate.md, planned-changes.md and roll-back.md print what the pages say; changes and roll-backs lose nothing',
  run: async context => {
    const findings = new Findings('operate', context.profile);
    const pages = context.profile.name === 'full' ? ['operate.md', 'roll-back.md', 'planned-changes.md'] : ['operate.md'];
    for (const page of pages) {
      const edge = await context.edges.useWithIstio(HA_EDGE, DEFAULT_MESH);
      const shell = await PageShell.of(edge);
      try {
        await judge(context, shell, page, findings);
      } finally {
        shell.remove();
        await context.edges.clear(); // its certificate is another one now, or it is gone
      }
    }
    return findings.results;
  },
};

async function judge({ progress }: ScenarioContext, shell: PageShell, page: string, findings: Findings): Promise<void> {
  const { edge } = shell;
  // the scenario replace-node runs those of a dead node
  const blocks = blocksOf(readFileSync(join(__dirname, '../../docs', page), 'utf8')).filter(({ marks }) => !marks.includes('replace'));
  const wrong: PageBlock[] = [];
  const check = async (block: PageBlock) => {
    if (!await shell.printsAsShown(page, block, progress)) wrong.push(block);
  };
  for (const block of blocks) {
    const mark = block.marks.find(word => word in CHANGES);
    if (mark === undefined) {
      await check(block);
      continue;
    }
    const steps = blocks.filter(one => one.marks.includes(mark));
    if (steps[0] !== block) continue;
    const { what, prepare, beforeStep } = CHANGES[mark];
    await prepare(edge, shell);
    await judgeChange(edge, what, async () => {
      for (const [number, step] of steps.entries()) {
        await beforeStep?.[number]?.(edge);
        await check(step);
      }
    }, { progress, findings });
  }
  findings.add(`docs/${page}: blocks that print something else than shown, of ${blocks.length}`, wrong.length, 'blocks', { goal: 0 });
}
