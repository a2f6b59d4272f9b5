// the liveness probe of a front proxy, the same for all engines
import type { ProxyModel } from '../proxy-model';
import { readScript } from '../script';

/** The program of the probe. Needs perl-base, which every Debian and Ubuntu has. */
export const FRONT_ALIVE = readScript('liveness', 'front-alive.pl');

/** Command of the probe. `adminSocket`: Envoy's, because its main thread accepts no clients. */
export function frontAliveCommand({ health }: ProxyModel, adminSocket?: string): string[] {
  return ['perl', `/etc/${FRONT_ALIVE.file}`, health.address, `${health.port}`, ...(adminSocket === undefined ? [] : [adminSocket])];
}
