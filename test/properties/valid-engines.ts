// the verdicts of the real engines on the files of a case: configurations, rules, and every shell and Perl program
import { spawnSync } from 'child_process';
import type { SpawnSyncReturns } from 'child_process';
import { engine, nginxModules } from '../../sandbox/engines';
import type { EngineName } from '../../sandbox/engines';
import type { Manifest } from '../../sandbox/synth';
import { inBoxes } from '../support/engine-box';
import type { Files, RunInBox } from '../support/engine-box';

/** What one program says of one text. */
export interface Verdict {
  readonly judge: string;
  readonly object: string;
  /** Empty: it accepts the text without a word. */
  readonly complaint: string;
}

/** Says so whenever root has no right to be another user, and when the machine's hard limit is lower than the pod's. */
const HARMLESS = /^configuration '.*' OK$|initgroups\(root, 0\) failed|setrlimit\(RLIMIT_NOFILE, \d+\) failed|the "user" directive/;

const COMMANDS: { readonly [file: string]: { readonly name: EngineName; readonly argv: string[] } } = {
  'front-envoy.yaml': { name: 'envoy', argv: ['--mode', 'validate', '-c', '/etc/front-envoy.yaml', '-l', 'warning'] },
  'front-haproxy.cfg': { name: 'haproxy', argv: ['-c', '-q', '-f', '/etc/front-haproxy.cfg'] },
  'front-nginx.conf': { name: 'nginx', argv: ['-t', '-q', '-e', 'stderr', '-c', '/etc/front-nginx.conf'] },
};

/** Every verdict on the ConfigMaps and the commands of a case. An engine that is not installed throws. */
export function judge(manifests: Manifest[]): Verdict[] {
  return [
    ...manifests.filter(({ kind, data }) => kind === 'ConfigMap' && data).flatMap(({ metadata, data }) => judgeFiles(metadata.name, data)),
    ...manifests.filter(({ spec }) => spec?.template?.spec?.containers).flatMap(judgeCommands),
  ];
}

function judgeFiles(object: string, data: Files): Verdict[] {
  const judged = Object.keys(data).filter(name => name in COMMANDS || name === 'keepalived.conf' || /\.(nft|sh|pl)$/.test(name));
  if (judged.length === 0) return [];
  const files = { ...data, ...('front-nginx.conf' in data && { 'front-nginx.conf': nginxModules() + data['front-nginx.conf'] }) };
  return inBoxes(files, run => judged.flatMap(name => judgeFile(object, name, data[name], run)));
}

function judgeFile(object: string, name: string, text: string, run: RunInBox): Verdict[] {
  const file = `/etc/${name}`;
  const boxed = (judgeName: string, argv: string[], interfaces: string[] = []) => verdict(judgeName, object, run(argv, interfaces));
  if (name in COMMANDS) {
    const { name: engineName, argv } = COMMANDS[name];
    return [boxed(engineName, [binaryOf(engineName), ...argv])];
  }
  if (name === 'keepalived.conf') {
    const interfaces = [...new Set([...text.matchAll(/\b(?:interface|dev) "?([^\s"]+)"?/g)].map(([, found]) => found))];
    const nodes = [...new Set([...text.matchAll(/^\s*@([^\s^]\S*)/gm)].map(([, found]) => found))];
    return (nodes.length > 0 ? nodes : ['any-node']).map(node =>
      boxed(`keepalived on ${node}`, [binaryOf('keepalived'), '--config-test', '-i', node, '-f', file], interfaces));
  }
  if (name.endsWith('.nft')) {
    const devices = new Set([...text.matchAll(/\b(?:device|iif|oif) "?([^\s";]+)"?/g)].map(([, found]) => found).filter(device => device !== 'lo'));
    return [boxed(`nft ${name}`, ['nft', '-c', '-f', file], [...devices])];
  }
  return name.endsWith('.pl')
    ? [boxed(`perl ${name}`, ['perl', '-c', file])]
    : shellsOf(name).map(shell => boxed(`${shell[0]} ${name}`, [...shell, '-n', file]));
}

/** The images of front proxies have bash, and those of keepalived any shell. */
function shellsOf(name: string): string[][] {
  return name === 'port-guard.sh' ? [['bash']] : [['dash'], ['busybox', 'sh']];
}

/** Programs that a command gives to a shell as text. */
function judgeCommands({ metadata, spec: { template: { spec } } }: Manifest): Verdict[] {
  const hooksOf = ({ readinessProbe, livenessProbe, lifecycle }: Manifest) => [readinessProbe, livenessProbe, lifecycle?.preStop];
  const commands = [...spec.containers, ...spec.initContainers ?? []].flatMap((container: Manifest) =>
    [container.command, ...hooksOf(container).map(hook => hook?.exec?.command)]);
  const texts = commands.flatMap((argv?: string[]) => {
    const [program = '', flag, text] = argv ?? [];
    return /(^|\/)(ba)?sh$/.test(program) && /^-\w*c$/.test(flag) ? [{ shell: program.endsWith('bash') ? 'bash' : 'dash', text }] : [];
  });
  return texts.map(({ shell, text }) => verdict(`${shell} -n`, metadata.name, spawnSync(shell, ['-n'], { encoding: 'utf8', timeout: 300_000, input: text })));
}

function verdict(judgeName: string, object: string, { status, stdout, stderr, error }: SpawnSyncReturns<string>): Verdict {
  const said = `${stdout ?? ''}${stderr ?? ''}`.split('\n').filter(line => line && !HARMLESS.test(line) && !/syntax OK$/.test(line)).join('\n');
  return { judge: judgeName, object, complaint: error ? String(error) : status === 0 ? said : `status ${status}: ${said}` };
}

export function binaryOf(name: EngineName): string {
  const found = engine(name);
  if (found === undefined) throw new Error(`${name} is not installed: scripts/install-engines.sh installs it`);
  return found;
}
