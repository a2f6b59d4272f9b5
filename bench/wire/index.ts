// what the hardening costs on the wire, and what each engine can do
import { execFileSync } from 'node:child_process';
import { Front } from './pod';
import { measureLimit } from './limit';
import { compareEngines, measureMemory } from './many';
import { comparePair, OTHER_CPU, RunningFront, startBoth } from './pairs';
import { WireTool } from './tool';
import { measureVip } from './vip';
import { Wires } from './wires';
import type { Suite } from '../suite';

const FRONTS: Front[] = ['envoy', 'haproxy', 'nginx'];

export const wire: Suite = {
  name: 'wire',
  async run(findings, say) {
    const tool = await WireTool.build();
    const cpus = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' }).replace(/^.*: /, '').trim();
    execFileSync('taskset', ['-cp', OTHER_CPU, String(process.pid)]);
    try {
      await measureFronts(tool, findings, say);
    } finally {
      execFileSync('taskset', ['-cp', cpus, String(process.pid)]);
    }
    await measureVip(tool, findings);
  },
};

async function measureFronts(tool: WireTool, findings: Findings, say: (text: string) => void): Promise<void> {
  const wires = await Wires.lay(tool);
  const running = new Map<Front, RunningFront>();
  try {
    for (const front of FRONTS) {
      const [ours, smallest] = await startBoth(wires, front);
      running.set(front, ours);
      await comparePair(front, [ours, smallest], wires, tool, findings);
      await smallest.pod.kill();
    }
    await compareEngines(running, wires, tool, findings);
    await measureMemory(running, wires, tool, findings);
    await Promise.all([...running.values()].map(({ pod }) => pod.kill()));
    for (const front of FRONTS) {
      await measureLimit(front, wires, tool, findings);
    }
  } finally {
    await wires.remove();
    say('the wires are gone');
  }
}
