// the cost of the hardening on the wire, a comparison of the engines, and the failover time of a virtual IP
import { execFileSync } from 'node:child_process';
import { measureHandover } from './handover';
import { measureLimit } from './limit';
import { compareEngines, measureMemory } from './many';
import { comparePair, OTHER_CPU, RunningFront, startOurs } from './pairs';
import { Front } from './pod';
import { measurePorts } from './ports';
import { WireTool } from './tool';
import { measureVip } from './vip';
import { Wires } from './wires';
import type { Findings } from '../findings';
import type { Suite } from '../suite';

const FRONTS: Front[] = ['envoy', 'haproxy', 'nginx'];

/** The suites are short, so that each can run while the machine is idle. */
export const WIRE: Suite[] = [
  ...FRONTS.map(front => suite(`wire-${front}`, (wires, tool, findings) => comparePair(front, wires, tool, findings))),
  suite('wire-engines', async (wires, tool, findings) => {
    const running = new Map<Front, RunningFront>();
    for (const front of FRONTS) running.set(front, await startOurs(wires, front));
    await measureMemory(running, wires, tool, findings); // memory first: later, the proxies still hold memory of earlier connections
    await compareEngines(running, wires, tool, findings);
  }),
  suite('wire-limit', async (wires, tool, findings) => {
    for (const front of FRONTS) await measureLimit(front, wires, tool, findings);
  }),
  suite('wire-ports', async (wires, tool, findings) => {
    for (const front of FRONTS) await measurePorts(front, wires, tool, findings);
  }),
  { name: 'wire-handover', run: async findings => onOtherCpu(async () => measureHandover(await WireTool.build(), findings)) },
  { name: 'wire-vip', run: async findings => measureVip(await WireTool.build(), findings) },
];

function suite(name: string, measure: (wires: Wires, tool: WireTool, findings: Findings) => Promise<void>): Suite {
  return {
    name,
    async run(findings) {
      const tool = await WireTool.build();
      await onOtherCpu(async () => {
        const wires = await Wires.lay(tool);
        try {
          await measure(wires, tool, findings);
        } finally {
          await wires.remove();
        }
      });
    },
  };
}

/** Keeps this process and its children off the proxies' processor. Node's idle threads may stay there. */
async function onOtherCpu(work: () => Promise<void>): Promise<void> {
  const pin = (cpus: string) => execFileSync('taskset', ['-cp', cpus, String(process.pid)], { encoding: 'utf8', stdio: 'pipe' });
  const [, before] = /: (\S+)\n/.exec(pin(OTHER_CPU))!;
  try {
    await work();
  } finally {
    pin(before);
  }
}
