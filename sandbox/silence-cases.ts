// faults of an edge node after which one node alone must answer for an address, and how a round of each goes
import { AnswerWatch, judgeAnswers, judgeConnections, Verdict } from './answer-watch';
import { HandoverLab } from './handover-lab';
import { ADDRESSES } from './handover-models';
import { pause, untilTrue } from './waiting';

/** The default of `advertInterval`. */
const ADVERT_MS = 200;

/** What is allowed. A failover takes three adverts, and the skew of the second node: RFC 9568, 6.1. */
export const LIMIT: Verdict = { twoMs: 2_000, noneMs: (3 + (256 - 249) / 256) * ADVERT_MS + 1_000 };

export interface SilenceCase {
  readonly name: string;
  /** How long the addresses are watched after the fault. @default 6 */
  readonly seconds?: number;
  /** Whether it says something about a virtual IP without the hand-over. @default false */
  readonly plain?: boolean;
  /** Happens while `edge-1` holds the addresses. */
  fault(lab: HandoverLab): Promise<void>;
}

export interface Round {
  /** By ARP and neighbour discovery. */
  readonly answers: Verdict;
  /** By new connections. */
  readonly connections: Verdict;
  /** What is still on the nodes after their pods were started again and ended. */
  readonly left: string[];
}

const HOLDER = 'edge-1';
const BACKUP = 'edge-2';
const NODES = [HOLDER, BACKUP];

const atRandom = (seconds: number) => pause(1000 * seconds * Math.random());
const shuffled = <T>(items: T[]): T[] => items.map(item => ({ item, key: Math.random() })).sort((a, b) => a.key - b.key).map(({ item }) => item);
const onNode = (lab: HandoverLab, id: string, ...command: string[]) => lab.node(id).node.run(command);
const flushRules = (lab: HandoverLab) => ['-4', '-6'].forEach(family => onNode(lab, HOLDER, 'ip', family, 'rule', 'flush'));
const flush = (lab: HandoverLab, id: string) => void onNode(lab, id, 'nft', 'flush', 'ruleset');
const eth0Down = (lab: HandoverLab) => onNode(lab, HOLDER, 'ip', 'link', 'set', 'eth0', 'down');
const beginMove = (lab: HandoverLab) => lab.node(HOLDER).pod!.signal('SIGTERM');
const killHandover = async (lab: HandoverLab, id: string) => lab.handover(id)?.kill();
const killKeepalived = (lab: HandoverLab) => lab.signalKeepalived(HOLDER, 'SIGKILL');

async function killPod(lab: HandoverLab): Promise<void> {
  for (const kill of shuffled([async () => killKeepalived(lab), async () => killHandover(lab, HOLDER)])) await kill();
}

async function stopped(send: (signal: 'SIGSTOP' | 'SIGCONT') => void): Promise<void> {
  send('SIGSTOP');
  await pause(4_000);
  send('SIGCONT');
}

function signalPod(lab: HandoverLab, signal: 'SIGSTOP' | 'SIGCONT'): void {
  shuffled([() => lab.signalKeepalived(HOLDER, signal), () => lab.handover(HOLDER)?.signal(signal)]).forEach(send => send());
}

/** Every process of the node ends, with up to a third of a second between two of them. */
async function endProcesses(lab: HandoverLab): Promise<void> {
  const ends = [
    async () => lab.endKeepalived(HOLDER),
    async () => killKeepalived(lab),
    async () => lab.handover(HOLDER)?.signal('SIGTERM'),
    async () => killHandover(lab, HOLDER),
    async () => lab.stopListening(HOLDER),
  ];
  for (const end of shuffled(ends)) {
    await end().catch(() => undefined); // it has ended already
    await atRandom(0.3);
  }
}

export const CASES: SilenceCase[] = [
  { name: 'keepalived killed', plain: true, fault: async lab => killKeepalived(lab) },
  {
    name: 'keepalived killed, and its start script refuses to start it',
    plain: true,
    fault: async lab => { killKeepalived(lab); await lab.refuseKeepalived(HOLDER); },
  },
  { name: 'whole pod killed, nothing starts for 60 s', plain: true, seconds: 60, fault: killPod },
  { name: 'keepalived stopped for 4 s', plain: true, fault: async lab => stopped(signal => lab.signalKeepalived(HOLDER, signal)) },
  { name: 'hand-over stopped for 4 s', fault: async lab => stopped(signal => lab.handover(HOLDER).signal(signal)) },
  { name: 'whole pod stopped for 4 s', fault: async lab => stopped(signal => signalPod(lab, signal)) },
  { name: 'hand-over killed', fault: async lab => killHandover(lab, HOLDER) },
  {
    name: 'hand-over killed, keepalived killed up to 5 s later',
    fault: async lab => { await killHandover(lab, HOLDER); await atRandom(5); killKeepalived(lab); },
  },
  { name: 'planned move, hand-over of the old holder killed within it', fault: async lab => { beginMove(lab); await atRandom(1); await killHandover(lab, HOLDER); } },
  { name: 'planned move, hand-over of the new holder killed within it', fault: async lab => { beginMove(lab); await atRandom(1); await killHandover(lab, BACKUP); } },
  { name: 'node shuts down, eth0 first', plain: true, fault: async lab => { eth0Down(lab); await endProcesses(lab); } },
  { name: 'node shuts down, eth0 last', plain: true, fault: async lab => { await endProcesses(lab); eth0Down(lab); } },
  { name: 'nft flush ruleset on the holder', fault: async lab => flush(lab, HOLDER) },
  { name: 'nft flush ruleset on the backup', fault: async lab => flush(lab, BACKUP) },
  {
    name: 'planned move, nft flush ruleset on both nodes within it',
    fault: async lab => { beginMove(lab); await atRandom(1); shuffled(NODES).forEach(id => flush(lab, id)); },
  },
  { name: 'keepalived killed, nft flush ruleset up to 3 s later', fault: async lab => { killKeepalived(lab); await atRandom(3); flush(lab, HOLDER); } },
  { name: 'whole pod killed, nft flush ruleset up to 3 s later', fault: async lab => { await killPod(lab); await atRandom(3); flush(lab, HOLDER); } },
  { name: 'ip rule flush on the holder', plain: true, fault: async lab => flushRules(lab) },
  { name: 'keepalived killed, ip rule flush', fault: async lab => { killKeepalived(lab); flushRules(lab); } },
];

/** One round in a lab of its own: the fault, and what clients saw. */
export async function runRound(binary: string, { seconds = 6, fault }: SilenceCase, { handover }: { handover: boolean }): Promise<Round> {
  const lab = await HandoverLab.create(2, binary, { advertMs: ADVERT_MS });
  try {
    await lab.startAll(handover);
    const watch = await AnswerWatch.start(lab.client, ADDRESSES, seconds + 15);
    await pause(1_000);
    await atRandom(1);
    await fault(lab);
    await pause(1_000 * seconds);
    const observations = await watch.stop();
    return { answers: judgeAnswers(observations), connections: judgeConnections(observations), left: await leftAfterRestart(lab, handover) };
  } finally {
    await lab.destroy();
  }
}

/** Repairs what the fault took from the holder, starts what was killed again, and ends all pods; what is left of them. */
async function leftAfterRestart(lab: HandoverLab, handover: boolean): Promise<string[]> {
  onNode(lab, HOLDER, 'ip', 'link', 'set', 'eth0', 'up');
  onNode(lab, HOLDER, 'ip', 'address', 'replace', '2001:db8::11/64', 'dev', 'eth0', 'nodad');
  ['-4', '-6'].forEach(family => onNode(lab, HOLDER, 'sh', '-c', `ip ${family} rule show | grep -q main || ip ${family} rule add priority 32766 lookup main`));
  for (const id of handover ? NODES : []) await lab.startHandover(id);
  await lab.startKeepalived(HOLDER);
  // a connection that a client left during the move would keep the rules for an hour
  for (const id of NODES) await lab.forgetConnections(id);
  await untilTrue(() => NODES.every(id => onNode(lab, id, 'ss', '-Hnt', 'state', 'connected', 'exclude', 'time-wait', 'sport', '=', ':443') === ''), 20_000);
  const left = NODES.map(async id => {
    await Promise.all([handover && lab.endHandover(id), lab.endKeepalived(id)]);
    const held = ADDRESSES.filter(address => lab.holders(address).includes(id));
    return [...lab.traces(id), ...held].map(trace => `${id}: ${trace}`);
  });
  return (await Promise.all(left)).flat();
}
