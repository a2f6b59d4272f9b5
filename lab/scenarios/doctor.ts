// doctor: it names faults that are made on purpose, and raises no alarm on an edge that is well

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from '../cluster/cluster';
import { CommandFailed, run, startDetached, undoAll, until } from '../cluster/commands';
import { kill, readOrEmpty, RUN } from '../cluster/machine';
import { withSettings } from '../cluster/network';
import { KubeObject } from '../cluster/objects';
import { INTERFACE } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE, objectsOf } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { FAULT_GROUPS, FaultGroup } from './doctor-faults';

const DOCTOR = join(__dirname, '../../scripts/doctor.sh');

/** docs/prerequisites.md and docs/virtual-ip.md */
const DOCUMENTED = {
  'net.ipv4.tcp_migrate_req': '1',
  'net.ipv4.tcp_tw_reuse': '1',
  'net.ipv4.ip_local_port_range': '10240 65000',
  'net.ipv4.ip_local_reserved_ports': '10248-10260,10443,15000-15090,30000-32767',
  [`net.ipv4.neigh.${INTERFACE}.retrans_time_ms`]: '100',
};

interface Finding {
  readonly code: string;
  readonly subject: string;
  readonly what: string;
  readonly got?: string;
}

interface DoctorReport {
  readonly exitCode: number;
  readonly findings: Finding[];
  readonly unchecked: { readonly what: string; readonly why: string }[];
  readonly state: string[];
}

export const doctor: Scenario = {
  name: 'doctor',
  title: 'faults made on purpose: doctor names each by its code, and raises no alarm on an edge that is well',
  run: async context => {
    const findings = new Findings('doctor', context.profile);
    const edge = await context.edges.useWithIstio(HA_EDGE);
    try {
      await withSettings(edge.nodes.map(({ name }) => name), DOCUMENTED, async () => {
        await wellEdge(context, findings);
        await interrupted(context, findings);
        let named = 0;
        for (const group of groupsOf(context)) {
          named += await examineGroup(context, edge, group, findings);
        }
        findings.add('faults named', named, 'faults');
      });
    } finally {
      await context.edges.clear();
    }
    return findings.results;
  },
};

/** CI makes the faults of a group at the same time; the full profile makes each alone. */
function groupsOf({ profile }: ScenarioContext): FaultGroup[] {
  return profile.name === 'ci' ? FAULT_GROUPS
    : FAULT_GROUPS.flatMap(group => group.faults.map(fault => ({ ...group, name: `${fault.what}, ${group.name}`, faults: [fault] })));
}

async function wellEdge(context: ScenarioContext, findings: Findings): Promise<void> {
  const report = await runDoctor(context.cluster, objectsOf(HA_EDGE), true);
  [...report.state, ...linesOf(report)].forEach(line => context.progress.say(line));
  findings.add('an edge that is well: alarms', report.findings.length, 'findings', { goal: 0 });
  findings.add('an edge that is well: exit code', report.exitCode, '', { goal: 0 });
  findings.add('an edge that is well: things that could not be checked', report.unchecked.length, 'things', { goal: 0 });
  await until('the doctor\'s pods are gone', 30, async () => await countPods(context.cluster) === 0);
}

async function countPods(cluster: Cluster): Promise<number> {
  const names = await cluster.kubectl(['get', 'pods', '-A', '-l', 'app.kubernetes.io/name=cdk8s-istio-edge-doctor', '-o', 'name']);
  return names.split('\n').filter(line => line !== '').length;
}

/** Ctrl-C while its pods run. */
async function interrupted({ cluster }: ScenarioContext, findings: Findings): Promise<void> {
  const pid = startDetached(commandOf(cluster, objectsOf(HA_EDGE), true), join(RUN, 'doctor', 'interrupted.log'));
  try {
    await until('the doctor has made its pods', 30, async () => await countPods(cluster) > 0);
    kill(pid, 'SIGINT');
    const seconds = await secondsUntil(async () => readOrEmpty(`/proc/${pid}/cmdline`) === '' && await countPods(cluster) === 0);
    findings.add('interrupted while its pods run: it has ended, and the pods are gone', seconds, 's', { limit: 10, because: 'kubectl and kubelet' });
  } finally {
    kill(pid);
  }
}

async function secondsUntil(isDone: () => Promise<boolean>): Promise<number> {
  const since = Date.now();
  await until('the doctor has ended and its pods are gone', 60, isDone);
  return (Date.now() - since) / 1000;
}

/** Makes the faults, asks the doctor, and repairs them. Returns how many it has named. */
async function examineGroup(context: ScenarioContext, edge: EdgeUnderTest, { name, nodes, faults }: FaultGroup, findings: Findings): Promise<number> {
  const { cluster, progress } = context;
  const repairs: (() => Promise<void>)[] = [];
  const objects = objectsOf(HA_EDGE);
  let report: DoctorReport;
  try {
    for (const { make, inManifests } of faults) {
      inManifests?.(objects);
      if (make) repairs.push(await make(edge));
    }
    report = await runDoctor(cluster, objects, nodes);
  } finally {
    await undoAll(repairs);
  }
  linesOf(report).forEach(line => progress.say(`${name}: ${line}`));
  const found = report.findings.map(({ code }) => code);
  const unnamed = faults.filter(({ codes }) => !codes.every(code => found.includes(code)));
  const expected = faults.flatMap(({ codes, also = [] }) => [...codes, ...also]);
  const strange = found.filter(code => !expected.includes(code));
  unnamed.forEach(({ what, codes }) => progress.say(`${name}: NOT NAMED: ${what} [${codes.join(', ')}]`));
  strange.forEach(code => progress.say(`${name}: FALSE ALARM: ${code}`));
  findings.add(`faults ${name}: not named, of ${faults.length}`, unnamed.length, 'faults', { goal: 0 });
  findings.add(`faults ${name}: other alarms`, strange.length, 'findings', { goal: 0 });
  await edge.settled(90);
  return faults.length - unnamed.length;
}

const linesOf = ({ findings, unchecked }: DoctorReport) => [
  ...findings.map(({ code, subject, what, got }) => `[${code}] ${subject}: ${what}${got === undefined ? '' : `; ${got}`}`),
  ...unchecked.map(({ what, why }) => `not checked: ${what}: ${why}`),
];

/** Runs the command as a user does, with the lab's kubectl. */
async function runDoctor(cluster: Cluster, objects: KubeObject[], nodes: boolean): Promise<DoctorReport> {
  const output = await run(commandOf(cluster, objects, nodes), { seconds: 300 }).catch((error: Error) => {
    // with problems it ends with 1
    if (error instanceof CommandFailed && error.stdout !== '') return error.stdout;
    throw error;
  });
  return JSON.parse(output) as DoctorReport;
}

function commandOf(cluster: Cluster, objects: KubeObject[], nodes: boolean): string[] {
  const folder = join(RUN, 'doctor');
  mkdirSync(folder, { recursive: true });
  const [manifests, kubectl] = [join(folder, 'manifests.json'), join(folder, 'kubectl')];
  writeFileSync(manifests, JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { name: 'edge' }, items: objects }));
  cluster.controlPlane.writeKubectl(kubectl);
  return [DOCTOR, '--kubectl', kubectl, '--output', 'json', ...nodes ? ['--node-checks', '--yes'] : [], manifests];
}
