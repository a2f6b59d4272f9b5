// the lab's command line

import { buildPrograms } from './cluster/build';
import { Cluster, down, traces } from './cluster/cluster';
import { cleanUpErrors, interrupt, runInTerminal, wasInterrupted } from './cluster/commands';
import { takeNft } from './cluster/engines';
import { needPackages, needRoot } from './cluster/host';
import { makeImages } from './cluster/images';
import { Progress } from './cluster/progress';
import { smoke } from './cluster/smoke';
import { Flags, readFlags, UsageError } from './flags';
import { screenshot } from './screenshot';

const USAGE = `usage: lab COMMAND
  up                    build what is missing, and start the cluster
    --edges 3           with three edge nodes instead of two
    --ip-family ipv6    without any IPv4 address
  down                  end the cluster and remove everything but the caches
  kubectl ARGUMENT…     run kubectl as the administrator
  exec MACHINE COMMAND… run a command on control-plane, edge-1, edge-2, worker-1 or client
  labtool ARGUMENT…     run the lab's load, probe or another of its tools on the client
  status                show what of the lab is on this machine
  prepare               build programs and images, and start nothing
  smoke                 start the cluster, check that everything works, and end it (--keep: leave it up)
  dashboard-picture     draw the dashboard of a monitored edge during some faults, for docs/monitoring.md
  screenshot            take the README's picture: a browser's view of a service through the virtual IP
  scenarios             list the scenarios
  SCENARIO…             run these scenarios; without a name, or with \`all\`, run all. They run in the lab that is up.
                        If none is up, one is started for them and ended afterwards. ipv6-only needs an IPv6 lab;
                        spread-connections and replace-node need one with three edge nodes
    --profile ci        three rounds of each fault and wider limits; writes no results
    --profile full      the default: at least ten rounds of each fault; writes lab/results.md
    --rounds N          N rounds of each fault
    --edges 3           three edge nodes instead of two`;

async function main(argv: string[], progress: Progress): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'up':
      await upOrDown(progress, readFlags(rest, ['edges', 'ip-family']));
      return 0;
    case 'down':
      readFlags(rest, []);
      await down(progress);
      progress.say(`left: ${JSON.stringify(await traces())}`);
      return 0;
    case 'kubectl':
      return runInTerminal(Cluster.running().controlPlane.kubectl(rest));
    case 'exec':
      if (rest.length < 2) throw new UsageError('exec needs a machine and a command');
      return runInTerminal(Cluster.running().machine(rest[0]).inside(rest.slice(1)));
    case 'labtool': {
      const { client, labtool } = Cluster.running();
      return runInTerminal(client.inNetwork([labtool, ...rest]));
    }
    case 'status':
      readFlags(rest, []);
      process.stdout.write(`${JSON.stringify(await traces())}\n`);
      return 0;
    case 'prepare':
      readFlags(rest, []);
      needRoot();
      await needPackages(progress);
      await makeImages(await buildPrograms(progress), progress);
      return 0;
    case 'smoke':
      return await upOrDown(progress, readFlags(rest, ['edges', 'keep']), cluster => smoke(cluster, progress)) ? 0 : 1;
    case 'dashboard-picture':
      return await withCluster(progress, readFlags(rest, ['edges']), cluster => pictureModule().dashboardPicture(cluster, progress)) ? 0 : 1;
    case 'screenshot':
      return await withCluster(progress, readFlags(rest, ['edges']), cluster => screenshot(cluster, progress)) ? 0 : 1;
    case 'scenarios':
      readFlags(rest, []);
      process.stdout.write(`${scenarioModule().listScenarios()}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${USAGE}\n`);
      return 0;
    default:
      return scenarios(progress, argv);
  }
}

async function scenarios(progress: Progress, words: string[]): Promise<number> {
  const flags = readFlags(words, ['edges', 'profile', 'rounds'], 'with names');
  const { byKind, readOrder, runScenarios } = scenarioModule();
  const up = Cluster.isUp() ? Cluster.running() : undefined;
  const order = readOrder(flags, up && { ipFamily: up.ipFamily, edges: up.edges.length });
  let passed = true;
  for (const [{ ipFamily, edges }, part] of byKind(order)) {
    const needed = { ...flags, ipFamily, edges: up ? flags.edges : Math.max(flags.edges ?? 0, edges) };
    passed = await withCluster(progress, needed, cluster => runScenarios(cluster, part, progress)) && passed;
  }
  return passed ? 0 : 1;
}

/** Loads the scenarios on demand: they import the compiled library, and most commands need no build. */
function scenarioModule(): typeof import('./run-scenarios') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./run-scenarios');
}

/** Loads it on demand, for the same reason. */
function pictureModule(): typeof import('./dashboard-picture') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./dashboard-picture');
}

/** Works in the lab that is up, or starts a lab for the work and ends it afterwards. */
async function withCluster(progress: Progress, flags: Flags, work: (cluster: Cluster) => Promise<boolean>): Promise<boolean> {
  if (!Cluster.isUp()) return upOrDown(progress, flags, work);
  const cluster = Cluster.running();
  const { edges = cluster.edges.length } = flags;
  if (edges !== cluster.edges.length) throw new UsageError(`--edges is ${edges}, but the lab that is up has ${cluster.edges.length} edge nodes; \`down\` ends it`);
  interruptOnSignals();
  return work(cluster);
}

/** Starts a cluster. Ends it if the start fails, or after the work unless --keep is given. */
async function upOrDown(progress: Progress, { edges, ipFamily, keep }: Flags, work?: (cluster: Cluster) => Promise<boolean>): Promise<boolean> {
  if (Cluster.isUp()) throw new Error('the lab is up already; `down` ends it');
  interruptOnSignals();
  let passed = false;
  let stay = false;
  try {
    const cluster = await Cluster.up(progress, { edges, ipFamily });
    passed = work ? await work(cluster) : true;
    stay = !work || keep;
  } finally {
    if (!stay) await down(progress);
  }
  return passed;
}

/** On Ctrl-C or a signal to end, the work fails and the lab cleans up. */
function interruptOnSignals(): void {
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(signal => process.on(signal, interrupt));
}

takeNft();
const progress = new Progress();
void main(process.argv.slice(2), progress).catch(error => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write('`npm run lab -- help` lists the commands\n');
  return error instanceof UsageError ? 2 : wasInterrupted() ? 130 : 1;
}).then(status => {
  const errors = cleanUpErrors();
  errors.forEach(error => process.stderr.write(`lab: a clean-up failed: ${error}\n`));
  process.exit(status === 0 && errors.length > 0 ? 1 : status);
});
