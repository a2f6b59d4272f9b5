// what the hardening costs on the wire, and what each engine can do
import { execFileSync } from 'node:child_process';
import { Front } from './pod';
import { comparePair, OTHER_CPU, startBoth } from './pairs';
import { WireTool } from './tool';
import { Wires } from './wires';
import type { Suite } from '../suite';

const FRONTS: Front[] = (process.env.WIRE_FRONTS?.split(',') ?? ['envoy', 'haproxy', 'nginx']) as Front[];

export const wire: Suite = {
  name: 'wire',
  async run(findings, say) {
    const tool = await WireTool.build();
    execFileSync('taskset', ['-cp', OTHER_CPU, String(process.pid)]);
    const wires = await Wires.lay(tool);
    try {
      for (const front of FRONTS) {
        say(`${front} ...`);
        const both = await startBoth(wires, front);
        await comparePair(front, both, wires, tool, findings);
        await Promise.all(both.map(({ pod }) => pod.kill()));
      }
    } finally {
      await wires.remove();
    }
  },
};
