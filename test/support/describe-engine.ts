// suites that need a real engine: a missing one is reported as a skipped suite
import { spawnSync } from 'child_process';
import { engine } from '../../sandbox/engines';
import type { EngineName } from '../../sandbox/engines';

/** `describe` when the engine is installed; otherwise one suite that is reported as skipped. */
export function describeEngine(name: EngineName, body: (binary: string) => void): void {
  const binary = engine(name);
  if (binary) {
    describe(name, () => body(binary));
  } else {
    skipped(`${name} is not installed: its verdict is skipped`);
  }
}

/** Like `describeEngine`, for suites that start the engine in a pod sandbox. */
export function describeEngineInPod(name: EngineName, body: (binary: string) => void): void {
  const reason = engine(name) ? sandboxProblem() : `${name} is not installed`;
  if (reason) {
    skipped(`${reason}: ${name} in a pod is skipped`);
  } else {
    describe(`${name} in a pod`, () => body(engine(name)!));
  }
}

/** A suite that is reported as skipped, by name. */
export function skipped(why: string): void {
  describe.skip(why, () => {
    test('needs scripts/install-engines.sh, Linux and root', () => undefined);
  });
}

function sandboxProblem(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'not root on Linux';
  }
  const missing = ['unshare', 'nsenter', 'setpriv', 'mount', 'ip'].filter(tool => spawnSync('which', [tool]).status !== 0);
  if (missing.length > 0) {
    return `${missing.join(', ')} not installed`;
  }
  const allowed = spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', 'true']).status === 0;
  return allowed ? undefined : 'this machine forbids namespaces';
}
