// the health endpoint: for the node's checks on a shared port, for this pod's own probe on a socket of its own
import { healthAnswer } from '../health-answer';
import type { ProxyModel } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, listen, quoteNginx } from './grammar';

/** In the run directory. On the shared port the old pod may answer for the new one. */
export const HEALTH_SOCKET = 'health.sock';

/** nginx makes all of these when it starts; the places that were compiled in are read-only here. */
const TEMP_PATHS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Outside the limit on connections, which `stream` has: a proxy that is full is not sick. */
export function writeHealth(out: TextWriter, model: ProxyModel): void {
  TEMP_PATHS.forEach(name => out.line(directive(`${name}_temp_path`, `${model.runDirectory}/${name}`)));
  out.line('access_log off;');
  out.blank();
  out.block('server {', () => {
    out.line(listen(model.health.address, model.health.port));
    out.line(directive('listen', `unix:${model.runDirectory}/${HEALTH_SOCKET}`));
    out.line('default_type text/plain;');
    out.line(`location = ${quoteNginx(model.health.path)} { ${directive('return', 200, healthAnswer(model))} }`);
    out.line('location / { return 404; }');
  }, '}');
}
