// finds the real engines
import { accessSync, constants, existsSync } from 'fs';
import { homedir } from 'os';
import { join } from 'path';

export type EngineName = 'envoy' | 'haproxy' | 'nginx' | 'keepalived';

/** `oldest`: Debian bookworm's. `newest`: those of Debian's testing suite. scripts/install-engines.sh has the versions of both. */
const ENGINES = process.env.ENGINES || 'oldest';

/** Folder of the engines that scripts/install-engines.sh does not install as packages. */
export function enginesFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return process.env.EDGE_ENGINES_DIR || join(cache, 'cdk8s-istio-edge', 'engines');
}

/** This folder, then PATH, then the two folders that are not on every user's PATH. */
function searchPath(name: EngineName): string[] {
  // an older engine must not replace a missing newest one; there is only one version of Envoy
  if (ENGINES === 'newest' && name !== 'envoy') {
    return [join(enginesFolder(), 'newest', 'bin')];
  }
  return [join(enginesFolder(), 'bin'), ...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
}

/** Path of the engine's binary; undefined when it is not installed. */
export function engine(name: EngineName): string | undefined {
  return searchPath(name).map(folder => join(folder, name)).find(isExecutable);
}

/** First lines of nginx's configuration here: Debian's nginx loads the stream module, the default image has it built in. */
export function nginxModules(): string {
  const root = ENGINES === 'newest' ? join(enginesFolder(), 'newest/root') : '/';
  const module = join(root, 'usr/lib/nginx/modules/ngx_stream_module.so');
  return existsSync(module) ? `load_module ${module};\n` : '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
