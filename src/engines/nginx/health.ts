// the health endpoint: a shared port for the node's checks, and a socket for this pod's own probe
import { healthAnswer } from '../health-answer';
import type { ProxyModel } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, listen, quoteNginx } from './grammar';

/** In the run directory. On the shared port the old pod may answer for the new one. */
export const HEALTH_SOCKET = 'health.sock';

/** nginx creates all of these directories when it starts. */
const TEMP_PATHS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** In a directory that is writable; the compiled-in paths are not. */
export function writeTempPaths(out: TextWriter, directory: string): void {
  TEMP_PATHS.forEach(name => out.line(directive(`${name}_temp_path`, `${directory}/${name}`)));
}

/** The limit on connections is in `stream`, so it does not apply here: a full proxy is not sick. */
export function writeHealth(out: TextWriter, model: ProxyModel): void {
  writeTempPaths(out, model.runDirectory);
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
