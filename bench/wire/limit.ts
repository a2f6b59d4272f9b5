// a proxy at its connection limit: it refuses new clients, serves the connected ones, and its health endpoint answers
import { GATEWAY_NAMES, synthesized } from './fronts';
import { Front, startPod } from './pod';
import { CrowdReport, WireTool } from './tool';
import { Wires } from './wires';
import { FRONT_HEALTH } from '../../src/front/plan';
import type { Findings } from '../findings';

const MOST = 500;
const COMING = 700;
/** For nginx: each worker has its own limit, and the kernel distributes connections about evenly. */
const UNEVEN = 0.15;

export async function measureLimit(front: Front, wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const { node, address } = await wires.addFront(GATEWAY_NAMES);
  const pod = await startPod(node, front, synthesized(front, { maxConnections: MOST }), '0-1');
  try {
    for (const manner of ['asking', 'silent']) {
      const silent = manner === 'silent' ? ['--silent'] : [];
      const crowd = tool.run<CrowdReport>(wires.client.enter, ['crowd', '--target', `${address}:80`, '--connections', String(COMING), ...silent]);
      const health = await askUntil(crowd, () => node.get(FRONT_HEALTH.port, FRONT_HEALTH.path).then(answer => answer.status === 200, () => false));
      report(findings, `${front}, limit of ${MOST}, ${COMING} ${manner} clients`, await crowd, health);
    }
  } finally {
    await pod.kill();
  }
}

function report(findings: Findings, what: string, crowd: CrowdReport, health: boolean[]): void {
  findings.add(`${what}: let in`, crowd.lived, 'connections', { atMost: MOST, atLeast: MOST * (1 - UNEVEN) });
  findings.add(`${what}: of those, later without an answer`, crowd.failed, 'connections', { atMost: 0 });
  Object.entries(crowd.refused).sort().forEach(([kind, times]) => findings.add(`${what}: refused, and seen as ${kind}`, times, 'connections'));
  findings.add(`${what}: longest wait for the refusal`, crowd.afterMs, 'ms');
  findings.add(`${what}: health checks failed, ten a second`, health.filter(well => !well).length, 'checks', { atMost: 0 });
}

/** Asks ten times a second until `end` resolves. */
async function askUntil(end: Promise<unknown>, ask: () => Promise<boolean>): Promise<boolean[]> {
  let over = false;
  void end.finally(() => (over = true)).catch(() => undefined);
  const answers: boolean[] = [];
  while (!over) {
    answers.push(await ask());
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return answers;
}
