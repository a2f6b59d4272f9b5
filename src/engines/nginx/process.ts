// how nginx runs in its container: start, readiness, end
import type { ContainerProcess } from '../container-process';
import type { EngineOptions, ProxyModel } from '../proxy-model';
import { HEALTH_SOCKET } from './health';
import { PID_FILE, renderNginx } from './render';

/** What `FrontNginx` runs unless it is told another image: the stable line. @see https://hub.docker.com/_/nginx */
export const NGINX_IMAGE = 'docker.io/library/nginx:1.30.6';

const CONFIG = 'front-nginx.conf';

/** Needs the Debian variant of the image: bash, coreutils, and curl, which its Dockerfile installs by name. */
export function nginxProcess(model: ProxyModel, { lameDuckSeconds, drainSeconds }: EngineOptions): ContainerProcess {
  const socket = `${model.runDirectory}/${HEALTH_SOCKET}`;
  return {
    command: start(socket, drainSeconds),
    readiness: ['curl', '--fail', '--silent', '--show-error', '--max-time', '1', '--unix-socket', socket, `http://localhost${model.health.path}`],
    preStop: stop(`${model.runDirectory}/${PID_FILE}`, lameDuckSeconds, drainSeconds),
    files: {
      get [CONFIG]() { return renderNginx(model); },
    },
    writableDirectories: [model.runDirectory],
  };
}

/**
 * A container that was killed comes back with the run directory as it left it, and nginx does not start over its own old socket.
 * `-e`: the compiled-in log file is opened before the configuration is read. The drain time is not in the file, so that
 * the file is one proxy's meaning and nothing else.
 */
function start(socket: string, drainSeconds: number): string[] {
  const nginx = ['nginx', '-e', 'stderr', '-c', `/etc/${CONFIG}`, '-g', `worker_shutdown_timeout ${drainSeconds}s;`];
  return ['bash', '-c', 'rm -f "$0" && exec "$@"', socket, ...nginx];
}

/**
 * Goes on for a while, since a VIP may be leaving at the same time. Then SIGQUIT closes the listeners and lets connections finish;
 * `nginx -s quit` would first need DNS to read the configuration.
 */
function stop(pidFile: string, lameDuckSeconds: number, drainSeconds: number): string[] {
  const script = 'sleep "$1"; pid=$(<"$0") && kill -QUIT "$pid" && timeout "$2" tail --pid="$pid" -f /dev/null || true';
  return ['bash', '-c', script, pidFile, String(lameDuckSeconds), String(drainSeconds)];
}
