// gateway-faults: a gateway pod is killed or deleted under load. No connection that begins after that is lost

import { sleep } from '../cluster/commands';
import { kill, processesOfPod, readOrEmpty } from '../cluster/machine';
import { Pod } from '../cluster/pods';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Failures, failuresAround, now, probe } from '../traffic/measure';
import { ProbeReport } from '../traffic/reports';

/** Each failed connection is counted separately. */
const CLIENT = ['--merge', '0s', '--timeout', '3s'];

type Lost = Failures & { readonly probes: number };

/** Returns the time of the signal or of the deletion. */
type Harm = (edge: EdgeUnderTest, pod: Pod) => Promise<number>;

const FAULTS: { [what: string]: Harm } = {
  'gateway pod killed (SIGKILL)': async (_, pod) => {
    const processes = processesOfPod(pod.uid).filter(pid => isBackend(pid));
    processes.forEach(pid => kill(pid));
    return now();
  },
  'gateway pod deleted': async (edge, { name, namespace }) => {
    const at = now();
    await edge.cluster.kubectl(['-n', namespace, 'delete', 'pod', name, '--wait=false']);
    return at;
  },
};

/** Each load has its own figure, because Envoy ejects a dead host late without free CPU time. */
function cases(loads: number[]): { what: string; ms: number; harm: Harm }[] {
  return Object.entries(FAULTS).flatMap(([what, harm]) => loads.map(ms => ({ what: `${what}, a connection each ${ms} ms`, ms, harm })));
}

export const gatewayFaults: Scenario = {
  name: 'gateway-faults',
  title: 'gateway pod killed and deleted under load: new connections are retried on another one',
  run: async context => {
    const findings = new Findings('gateway-faults', context.profile);
    for (const one of context.profile.faultyFronts) {
      const edge = await context.edges.use(one, { gatewaysOn: 'worker' });
      for (const { what, ms, harm } of cases(context.profile.gatewayLoads)) {
        const seen = await repeated(context, edge, what, ms, harm);
        const probes = seen.reduce((sum, round) => sum + round.probes, 0);
        // nginx connects to the Service, which lists a dead pod until it is not ready, so the goal is for the other two engines
        const bound = one.engine === 'nginx' ? {} : { goal: 0 };
        const lost = seen.map(({ later }) => later);
        findings.add(`${one.name}, ${what}: new connections lost, worst round of ${seen.length} (${probes} connections)`, Math.max(...lost), '', bound);
        findings.add(`${one.name}, ${what}: accepted by the kernel of the gateway that died, and reset, worst round`, Math.max(...seen.map(({ dying }) => dying)), '');
        findings.add(`${one.name}, ${what}: connections under way that broke, worst round`, Math.max(...seen.map(({ underWay }) => underWay)), '');
      }
    }
    return findings.results;
  },
};

async function repeated(
  { progress, rounds }: ScenarioContext, edge: EdgeUnderTest, what: string, ms: number, harm: Harm,
): Promise<Lost[]> {
  const seen: Lost[] = [];
  for (let i = 1; i <= rounds; i++) {
    await edge.balanced();
    const victim = (await edge.pods('gateway'))[i % 2];
    const client = probe(edge.cluster, edge.target(), 30, '--interval', `${ms}ms`, ...CLIENT);
    await sleep(2000);
    const at = await harm(edge, victim);
    await sleep(4000);
    const report = await client.end();
    seen.push({ ...failuresAround(report, at), probes: report.probes });
    const { later, dying, underWay, probes } = seen[i - 1];
    progress.say(`${edge.example.engine}, ${what} ${i}/${rounds}: ${later} new connections lost of ${probes}, ${dying} accepted by the dying, ${underWay} broken ${kinds(report)}`);
  }
  return seen;
}

function kinds({ outages }: ProbeReport): string {
  return [...new Set(outages.flatMap(({ by }) => Object.keys(by)))].join();
}

/** Not the pod's pause container, which is the same program. */
function isBackend(pid: number): boolean {
  return readOrEmpty(`/proc/${pid}/cmdline`).includes('backend');
}
