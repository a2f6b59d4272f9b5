// the command line
import { parseArgs } from 'util';
import { CHECKS } from './checks';

/** The command line is wrong. */
export class UsageError extends Error {}

/** What the user asked for. */
export interface Options {
  readonly manifests: readonly string[];
  readonly nodeChecks: boolean;
  readonly yes: boolean;
  readonly strict: boolean;
  readonly output: 'text' | 'json';
  readonly ignored: readonly string[];
  readonly kubectl: string;
  readonly kubectlFlags: readonly string[];
  readonly timeoutSeconds: number;
  readonly image?: string;
  readonly namespace?: string;
  readonly help: boolean;
  readonly listChecks: boolean;
}

export const HELP = `usage: cdk8s-istio-edge-doctor [OPTION]... [MANIFESTS]...

Compares an edge's manifests with the cluster, and names each thing that would not work, with the fix.
Run it before and after you apply them. It asks with kubectl, and changes nothing. With --node-checks it makes pods for
a minute, and deletes them.

  MANIFESTS            folders and files that \`cdk8s synth\` wrote; default: dist

  --node-checks        also asks the nodes: makes a short-lived pod on each edge node, shows it first, and asks
  --yes                makes these pods without asking
  --image IMAGE        image of these pods, which needs perl; default: that of the front proxy, the hand-over or the host gateway
  --namespace NAME     namespace of these pods; default: that of the edge
  --output text|json   default: text
  --ignore CODE        ignores findings with this code; repeat it for more
  --strict             advice counts as a problem
  --list-checks        prints every check and its code
  --context NAME, --kubeconfig FILE    as for kubectl
  --kubectl PROGRAM    default: kubectl
  --timeout SECONDS    for each question to kubectl; default: 30
  --help

exit code: 0 no problem; 1 problems; 2 wrong usage, or something could not be checked and no problem was found
`;

/** Reads the arguments. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = read(args);
  const output = values.output ?? 'text';
  if (output !== 'text' && output !== 'json') {
    throw new UsageError(`--output is text or json, got ${output}`);
  }
  const timeoutSeconds = Number(values.timeout ?? 30);
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1) {
    throw new UsageError(`--timeout is a whole number of seconds, at least 1, got ${values.timeout}`);
  }
  const unknown = (values.ignore ?? []).find(code => !CHECKS.some(check => check.code === code));
  if (unknown !== undefined) {
    throw new UsageError(`--ignore ${unknown}: no check has this code; --list-checks prints all`);
  }
  return {
    manifests: positionals.length > 0 ? positionals : ['dist'],
    nodeChecks: values['node-checks'] ?? false,
    yes: values.yes ?? false,
    strict: values.strict ?? false,
    output,
    ignored: values.ignore ?? [],
    kubectl: values.kubectl ?? 'kubectl',
    kubectlFlags: (['context', 'kubeconfig'] as const).flatMap(name => values[name] === undefined ? [] : [`--${name}=${values[name]}`]),
    timeoutSeconds,
    image: values.image,
    namespace: values.namespace,
    help: values.help ?? false,
    listChecks: values['list-checks'] ?? false,
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'node-checks': { type: 'boolean' }, 'yes': { type: 'boolean' }, 'image': { type: 'string' }, 'namespace': { type: 'string' },
        'strict': { type: 'boolean' }, 'output': { type: 'string' },
        'ignore': { type: 'string', multiple: true }, 'context': { type: 'string' }, 'kubeconfig': { type: 'string' }, 'kubectl': { type: 'string' },
        'timeout': { type: 'string' }, 'help': { type: 'boolean' }, 'list-checks': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
