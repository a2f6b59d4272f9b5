// how long two nodes, or none, answer for a virtual address after each fault of its holder
import { execFileSync } from 'node:child_process';
import { engine } from '../../sandbox/engines';
import { CASES, LIMIT, Round, runCase, SilenceCase } from '../../sandbox/silence-cases';
import type { Findings } from '../findings';
import type { Suite } from '../suite';

/** A round that takes longer than half a minute counts twice. */
const ROUNDS = 20;
const LONG_ROUNDS = 10;
const PLAIN_ROUNDS = 5;

/** At the same time. Most of a round is waiting. */
const PARALLEL = 4;

/** Of one case: on a machine that is too busy, a lab may not start in time. */
const FAILED_LABS = 5;

export const SILENCE: Suite[] = [{
  name: 'silence',
  async run(findings, say) {
    const binary = engine('keepalived');
    if (binary === undefined) throw new Error('keepalived is not installed: run scripts/install-engines.sh');
    execFileSync('nft', ['--version']);
    for (const item of CASES) await measure('SEAMLESS', item, item.seconds === undefined ? ROUNDS : LONG_ROUNDS, binary, findings, say);
    for (const item of CASES.filter(({ plain }) => plain)) await measure('PLAIN', item, PLAIN_ROUNDS, binary, findings, say);
  },
}];

async function measure(handover: 'SEAMLESS' | 'PLAIN', item: SilenceCase, rounds: number, binary: string, findings: Findings, say: (text: string) => void): Promise<void> {
  const done: Round[] = [];
  let begun = 0;
  let failed = 0;
  const worker = async () => {
    while (begun < rounds) {
      begun++;
      try {
        done.push(await runCase(item, binary, { handover: handover === 'SEAMLESS' }));
      } catch (error) {
        if (++failed > FAILED_LABS) throw error;
        begun--;
        say(`${item.name}: this round is repeated: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const left = [...new Set(done.flatMap(round => round.left))];
  if (left.length > 0) say(`${item.name}: left on a node: ${left.join('; ')}`);
  const worst = (figure: (round: Round) => number) => Math.max(...done.map(figure));
  const goal = (atMost: number) => handover === 'SEAMLESS' ? { atMost: Math.floor(atMost) } : {};
  const what = `${handover}, ${item.name}, worst of ${rounds}`;
  findings.add(`${what}: two nodes answer`, worst(({ answers, connections }) => Math.max(answers.twoMs, connections.twoMs)), 'ms', goal(LIMIT.twoMs));
  findings.add(`${what}: no node answers`, worst(({ answers, connections }) => Math.max(answers.noneMs, connections.noneMs)), 'ms', goal(LIMIT.noneMs));
  findings.add(`${what}: left on the nodes after the next start`, left.length, 'things', goal(0));
}
