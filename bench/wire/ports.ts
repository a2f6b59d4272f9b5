// measures how many new connections a node has ephemeral ports for: with the kernel's defaults and the documented settings
import { asWritten, GATEWAY_NAMES } from './fronts';
import { PROXY_CPU } from './pairs';
import { Front, startPod } from './pod';
import { DriveReport, WireTool } from './tool';
import { DEFAULT_PORTS, DOCUMENTED_PORTS, Wires } from './wires';
import type { Findings } from '../findings';

/** Shorter than TIME_WAIT, so that with the defaults no port becomes free during the measurement. */
const SECONDS = 50;
const LOAD = ['--connections', '32', '--fresh', '--duration', `${SECONDS}s`];

const SETTINGS = { 'kernel defaults': DEFAULT_PORTS, 'documented settings': DOCUMENTED_PORTS };

export async function measurePorts(front: Front, wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  for (const [what, ports] of Object.entries(SETTINGS)) {
    const { node, address } = await wires.addFront(GATEWAY_NAMES, ports);
    const pod = await startPod(node, front, asWritten()(front), PROXY_CPU);
    try {
      const report = await tool.run<DriveReport>(wires.client.enter, ['drive', '--target', `${address}:80`, ...LOAD]);
      const goal = ports === DOCUMENTED_PORTS ? { atMost: 0 } : {};
      const failed = Object.values(report.failed).reduce((sum, times) => sum + times, 0);
      findings.add(`${front}, ${what}, new connections served in ${SECONDS} s`, report.requests, 'connections');
      findings.add(`${front}, ${what}, failed in ${SECONDS} s`, failed, 'connections', goal);
    } finally {
      await pod.kill();
    }
  }
}
