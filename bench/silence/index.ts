// how long two nodes, or none, answer for a virtual address after each fault of its holder
import { engine } from '../../sandbox/engines';
import { CASES, LIMIT, Round, runRound, SilenceCase } from '../../sandbox/silence-cases';
import type { Findings } from '../findings';
import type { Suite } from '../suite';

const ROUNDS = 20;
/** Of a case that takes longer than half a minute. */
const LONG_ROUNDS = 10;
/** Without the hand-over, for comparison. */
const PLAIN_ROUNDS = 3;

/** After this time no round begins. The figures say how many rounds there were. */
const LIMIT_MS = 60_000 * Number(process.env.SILENCE_MINUTES ?? 120);

/** Rounds that are repeated: on a machine that is too busy, a pod may not start in time. */
const REPEATED = 40;

/** The rounds of one case. */
interface Series {
  readonly item: SilenceCase;
  readonly handover: boolean;
  readonly rounds: number;
  readonly done: Round[];
}

export const SILENCE: Suite[] = [{
  name: 'silence',
  async run(findings, say) {
    const binary = engine('keepalived');
    if (binary === undefined) throw new Error('keepalived is not installed: run scripts/install-engines.sh');
    const all: Series[] = [
      ...CASES.map(item => ({ item, handover: true, rounds: item.seconds === undefined ? ROUNDS : LONG_ROUNDS, done: [] })),
      ...CASES.filter(({ plain }) => plain).map(item => ({ item, handover: false, rounds: PLAIN_ROUNDS, done: [] })),
    ];
    await runAll(all, binary, say);
    all.filter(({ done }) => done.length > 0).forEach(series => report(series, findings, say));
  },
}];

/**
 * The cases take turns, so that a busy minute of the machine does not hit one alone. One lab at a time: this process is the server of
 * each node, and while it prepares one lab, it serves no other.
 */
async function runAll(all: Series[], binary: string, say: (text: string) => void): Promise<void> {
  const queue = Array.from({ length: ROUNDS }, (_, round) => all.filter(({ rounds }) => round < rounds)).flat();
  const total = queue.length;
  const deadline = Date.now() + LIMIT_MS;
  let repeated = 0;
  for (let series = queue.shift(); series && Date.now() < deadline; series = queue.shift()) {
    try {
      series.done.push(await runRound(binary, series.item, series));
    } catch (error) {
      if (++repeated > REPEATED) throw error;
      queue.push(series);
      say(`${series.item.name}: this round is repeated: ${error instanceof Error ? error.message : error}`);
    }
    if (queue.length % 20 === 0) say(`${total - queue.length} of ${total} rounds`);
  }
}

function report({ item, handover, done }: Series, findings: Findings, say: (text: string) => void): void {
  const left = [...new Set(done.flatMap(round => round.left))];
  if (left.length > 0) say(`${item.name}: left on a node: ${left.join('; ')}`);
  const worst = (figure: (round: Round) => number) => Math.max(...done.map(figure));
  const goal = (atMost: number) => handover ? { atMost: Math.floor(atMost) } : {};
  const what = `${handover ? 'SEAMLESS' : 'PLAIN'}, ${item.name}, worst of ${done.length}`;
  findings.add(`${what}: two nodes answer`, worst(({ answers, connections }) => Math.max(answers.twoMs, connections.twoMs)), 'ms', goal(LIMIT.twoMs));
  findings.add(`${what}: no node answers`, worst(({ answers, connections }) => Math.max(answers.noneMs, connections.noneMs)), 'ms', goal(LIMIT.noneMs));
  findings.add(`${what}: left on the nodes after the next start`, left.length, 'things', goal(0));
}
