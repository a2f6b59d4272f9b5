// how nginx runs in its container: start, readiness, end
import type { ContainerProcess } from '../container-process';
import { FRONT_ALIVE, frontAliveCommand } from '../liveness/front-alive';
import type { ShutdownTimes, ProxyModel } from '../proxy-model';
import { readScript } from '../script';
import { HEALTH_SOCKET } from './health';
import { PID_FILE, renderNginx } from './render';

/** Default image of `FrontNginx`: the stable line. @see https://hub.docker.com/_/nginx */
export const NGINX_IMAGE = 'docker.io/library/nginx:1.30.6';

const CONFIG = 'front-nginx.conf';
const START = readScript('nginx', 'front-nginx-start.sh');
const STOP = readScript('nginx', 'front-nginx-stop.sh');

/** Needs the Debian variant of the image: bash, coreutils, perl-base, and curl, which its Dockerfile installs by name. */
export function nginxProcess(model: ProxyModel, { lameDuckSeconds, drainSeconds }: ShutdownTimes): ContainerProcess {
  const socket = `${model.runDirectory}/${HEALTH_SOCKET}`;
  const pidFile = `${model.runDirectory}/${PID_FILE}`;
  return {
    command: start(socket, drainSeconds),
    readiness: [
      'curl', '--fail', '--silent', '--show-error', '--max-time', '1',
      '--unix-socket', socket, `http://localhost${model.health.path}`,
    ],
    liveness: frontAliveCommand(model),
    preStop: ['bash', `/etc/${STOP.file}`, pidFile, String(lameDuckSeconds), String(drainSeconds)],
    files: {
      [CONFIG]: renderNginx(model),
      [START.file]: START.text,
      [FRONT_ALIVE.file]: FRONT_ALIVE.text,
      [STOP.file]: STOP.text,
    },
    writableDirectories: [model.runDirectory],
  };
}

/**
 * `-e`, because nginx opens the compiled-in log file before it reads the configuration. The drain time is an argument,
 * so that the file describes only the proxy.
 */
function start(socket: string, drainSeconds: number): string[] {
  const nginx = ['nginx', '-e', 'stderr', '-c', `/etc/${CONFIG}`, '-g', `worker_shutdown_timeout ${drainSeconds}s;`];
  return ['bash', `/etc/${START.file}`, socket, ...nginx];
}
