// clocks that jump, of keepalived and nginx only: libfaketime in each of their processes. No machine's clock changes

import { Component, EdgeUnderTest } from './edge-under-test';
import { push } from './updates';
import { run, undo } from '../cluster/commands';
import { needPackages } from '../cluster/host';
import { processesOfPod, readOrEmpty } from '../cluster/machine';
import { Node } from '../cluster/node';
import { Progress } from '../cluster/progress';

const PACKAGE = 'libfaketime';
/** Of each node, and the same path in the containers. */
const FOLDER = '/run/clock';

/** Envoy and HAProxy 3.2 do not start with libfaketime: they ask for the time before the library is ready. */
function componentsOf({ example: { engine } }: EdgeUnderTest): Component[] {
  return engine === 'nginx' ? ['front-proxy', 'virtual-ip'] : ['virtual-ip'];
}

/** The wall clock only: no machine has a monotonic clock that jumps. */
const ENVIRONMENT = {
  LD_PRELOAD: `${FOLDER}/libfaketime.so.1`, FAKETIME_TIMESTAMP_FILE: `${FOLDER}/offset`, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1',
};

/** Runs some work while the containers have clocks that `jumpClocks` changes. */
export async function withFakeClocks(edge: EdgeUnderTest, progress: Progress, work: () => Promise<void>): Promise<void> {
  const library = await findLibrary(progress);
  for (const node of edge.nodes) {
    await node.exec(['mkdir', '-p', FOLDER]);
    await node.exec(['cp', library, `${FOLDER}/libfaketime.so.1`]);
    await jumpClocks(node, 0);
  }
  const good = componentsOf(edge).map(component => edge.workload(component));
  try {
    await push(edge, ...good.map(withLibrary));
    await edge.rolledOut(180);
    await edge.settled(120);
    await checkLoaded(edge);
    await work();
  } finally {
    await undo(async () => {
      await push(edge, ...good);
      await edge.rolledOut(180);
      await edge.settled(120);
    });
  }
}

/** Sets the clocks of the node's containers to the real time and so many seconds. They notice within a second. */
export async function jumpClocks(node: Node, seconds: number): Promise<void> {
  await node.exec(['sh', '-c', `echo "${seconds < 0 ? seconds : `+${seconds}`}" >${FOLDER}/offset.new && mv ${FOLDER}/offset.new ${FOLDER}/offset`]);
}

function withLibrary(workload: ReturnType<EdgeUnderTest['workload']>): typeof workload {
  const changed = structuredClone(workload);
  const { spec } = changed.spec.template;
  spec.volumes = [...spec.volumes ?? [], { name: 'clock', hostPath: { path: FOLDER, type: 'Directory' } }];
  for (const container of spec.containers) {
    container.env = [...container.env ?? [], ...Object.entries(ENVIRONMENT).map(([name, value]) => ({ name, value }))];
    container.volumeMounts = [...container.volumeMounts ?? [], { name: 'clock', mountPath: FOLDER, readOnly: true }];
  }
  return changed;
}

async function findLibrary(progress: Progress): Promise<string> {
  await needPackages(progress, { [`/usr/share/doc/${PACKAGE}`]: PACKAGE });
  const files = (await run(['dpkg', '-L', PACKAGE])).split('\n');
  return files.find(file => file.endsWith('/libfaketime.so.1'))!;
}

/** Every process of the containers has the library, or the fault would not reach it. */
async function checkLoaded(edge: EdgeUnderTest): Promise<void> {
  for (const component of componentsOf(edge)) {
    const processes = (await edge.pods(component)).flatMap(({ uid }) => processesOfPod(uid));
    const main = processes.filter(pid => [edge.example.engine, 'keepalived'].includes(readOrEmpty(`/proc/${pid}/comm`).trim()));
    const without = main.filter(pid => !readOrEmpty(`/proc/${pid}/maps`).includes('libfaketime'));
    if (main.length === 0 || without.length > 0) throw new Error(`${without.length} of ${main.length} processes of ${component} have their own clock`);
  }
}
