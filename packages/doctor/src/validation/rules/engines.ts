// real engines judge their configurations, where their programs are on the PATH
import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { delimiter, join } from 'path';
import { instancesIn } from '../../edge/keepalived-conf';
import { nameOf } from '../../edge/objects';
import { Rule } from '../rule';

interface Judge {
  readonly program: string;
  readonly args: (file: string, text: string) => string[];
  /** More arguments, for an nginx that has streams as a module. */
  readonly ifNoStream?: readonly string[];
  /** The text, made independent of DNS and of folders that only the pod has. */
  readonly prepare?: (text: string, folder: string) => string;
  /** Lines of the output that are about the text, and not about this machine. */
  readonly isRefusal: (line: string) => boolean;
}

const STREAM_MODULE = ['/usr/lib/nginx/modules/ngx_stream_module.so', '/usr/lib64/nginx/modules/ngx_stream_module.so'].find(existsSync);

/** By the name of the file in the ConfigMap. */
const JUDGES: { readonly [file: string]: Judge } = {
  'front-envoy.yaml': {
    program: 'envoy',
    args: file => ['--mode', 'validate', '-c', file, '-l', 'critical'],
    isRefusal: line => /\[critical\]/.test(line),
  },
  'front-haproxy.cfg': {
    program: 'haproxy',
    args: file => ['-c', '-f', file],
    isRefusal: line => /\[ALERT\].*: /.test(line) && !/could not resolve|cannot bind|Fatal errors|Error\(s\) found/.test(line),
  },
  'front-nginx.conf': {
    program: 'nginx',
    args: file => ['-t', '-e', 'stderr', '-c', file],
    ...(STREAM_MODULE !== undefined && { ifNoStream: ['-g', `load_module ${STREAM_MODULE};`] }),
    prepare: (text, folder) => text.replace(/^( *server )[a-z][^ ;:]*:(\d+)/gmi, '$1127.0.0.1:$2').replace(/\/run\/front\b/g, folder),
    // a line of this machine, such as "bind() failed", names no line of the text
    isRefusal: line => /\[emerg\].* in \S+:\d+$/.test(line) && !/host not found/.test(line),
  },
  'keepalived.conf': {
    program: 'keepalived',
    args: (file, text) => ['--config-test', '--log-console', '-i', Object.keys(instancesIn(text)[0]?.sources ?? {})[0] ?? 'node', '-f', file],
    prepare: (text, folder) => text.replace(/\/run\/keepalived\b/g, folder),
    isRefusal: line => /^\(.*: Line \d+\)/.test(line) && !/interface .* doesn't exist/i.test(line),
  },
};

/** Debian has these programs in a folder that is not on every PATH. */
const environment = () => ({ ...process.env, PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter) });

/** nginx opens its ports even for a test: in a network of its own, it takes none of this machine. */
const isolation = () => spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];

/** What the program says against the text. Undefined if it is not here. */
function refusal({ program, args, prepare, isRefusal, ifNoStream }: Judge, name: string, text: string): string | undefined {
  const env = environment();
  if (spawnSync(program, ['-v'], { env, stdio: 'ignore' }).error !== undefined) {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'cdk8s-istio-edge-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, prepare?.(text, folder) ?? text);
    const run = (more: readonly string[]) => {
      const [command, ...rest] = [...(program === 'nginx' ? isolation() : []), program, ...args(file, text), ...more];
      return spawnSync(command, rest, { env, encoding: 'utf8', timeout: 60_000 });
    };
    const first = run([]);
    const { status, stdout, stderr } = ifNoStream !== undefined && first.stderr?.includes('unknown directive "stream"') ? run(ifNoStream) : first;
    const line = `${stdout}\n${stderr}`.split('\n').find(isRefusal);
    return status === 0 || line === undefined ? undefined : line.replaceAll(file, name).trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** engine-configuration */
export const engineConfiguration: Rule = {
  name: 'engine-configuration',
  find: ({ objects }) => objects.filter(({ kind }) => kind === 'ConfigMap').flatMap(object => Object.entries(object.data ?? {}).flatMap(([name, text]) => {
    const judge = JUDGES[name];
    const said = judge === undefined ? undefined : refusal(judge, name, String(text));
    return said === undefined ? [] : [{
      what: `${judge.program} refuses its configuration in ${nameOf(object)}, and its pods do not start`,
      places: [{ object, location: `data["${name}"]: ${said}` }],
      fix: 'correct the text that you added or patched; if this machine has an older program than the pod\'s image, ignore this rule',
    }];
  })),
};
