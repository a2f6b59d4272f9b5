// compares a fleet with Helm: Istio's gateway chart, which has fewer objects than an edge; one process per site
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from '../findings';
import { costOf } from '../measure';
import { compile, OUT_FOLDER, runProgram } from '../programs';

const SITES = 100;

/** Skipped without helm or the chart; see bench/README.md. */
export function measureHelm(findings: Findings, say: (text: string) => void): void {
  const { HELM: helm = 'helm', ISTIO_GATEWAY_CHART: chart = '' } = process.env;
  if (!existsSync(join(chart, 'Chart.yaml')) || spawnSync(helm, ['version']).status !== 0) {
    say('helm: skipped, needs HELM (the program) and ISTIO_GATEWAY_CHART (the folder of the chart)');
    return;
  }
  compile(['bench/synth/fleet.ts', 'bench/synth/programs/fleet.ts']);
  const fleet = runProgram('bench/synth/programs/fleet.ts', join(OUT_FOLDER, 'fleet-and-helm'), String(SITES));
  const { wallMs } = costOf(() => {
    for (let site = 0; site < SITES; site += 1) {
      const { status, stderr } = spawnSync(helm, ['template', 'edge', chart, '--namespace', 'istio-ingress', '--set', `labels.store=store-${site}`], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`helm template: ${stderr}`);
    }
  });
  findings.add(`fleet of ${SITES} HA edges, the whole \`node main.js\``, fleet.wallMs / 1000, 's', { atMost: 1 }, {
    against: 'helm template of Istio\'s gateway chart, a process a site', ratio: fleet.wallMs / wallMs,
  });
}
