// the health endpoint: a shared port for the node's checks, and a socket for this pod's own probe
import { healthAnswer } from '../health-answer';
import type { ProxyModel } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { endpoint, quoteHaproxy } from './grammar';

/** In the run directory. On the shared port the old pod may answer for the new one. */
export const HEALTH_SOCKET = 'health.sock';

/** Its own frontend, so that the limit on traffic does not apply: a full proxy is not sick. */
export function writeHealth(out: TextWriter, model: ProxyModel): void {
  const { health, runDirectory } = model;
  out.line('mode http');
  out.line(`bind ${endpoint(health.address, health.port)}`);
  out.line('# for the pod\'s own probe: on the port, the old process may answer');
  out.line(`bind ${quoteHaproxy(`unix@${runDirectory}/${HEALTH_SOCKET}`)} mode 600`);
  out.line('timeout client 5s');
  const answer = `status 200 content-type text/plain string ${quoteHaproxy(healthAnswer(model))}`;
  out.line(`http-request return ${answer} if { path ${quoteHaproxy(health.path)} }`);
  out.line('http-request return status 404');
}
