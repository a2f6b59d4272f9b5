// where Envoy's admin interface is
import type { ProxyModel } from '../proxy-model';

/**
 * In the run directory. A port would be open to every process of the node, and `/quitquitquit` ends Envoy for any
 * caller.
 */
export function adminSocket({ runDirectory }: ProxyModel): string {
  return `${runDirectory}/admin.sock`;
}
