// how HAProxy runs in its container: start, readiness, end
import type { ContainerProcess } from '../container-process';
import { healthAnswer } from '../health-answer';
import { FRONT_ALIVE, frontAliveCommand } from '../liveness/front-alive';
import type { ShutdownTimes, ProxyModel } from '../proxy-model';
import { readScript } from '../script';
import { TextWriter } from '../text-writer';
import { HEALTH_SOCKET } from './health';
import { renderHaproxy } from './render';

/** Default image of `FrontHaproxy`: the long-term support line. @see https://hub.docker.com/_/haproxy */
export const HAPROXY_IMAGE = 'docker.io/library/haproxy:3.2.26';

const CONFIG = 'front-haproxy.cfg';
const DRAIN = 'front-haproxy-drain.cfg';
const READY = readScript('haproxy', 'front-haproxy-ready.pl');
const STOP = readScript('haproxy', 'front-haproxy-stop.sh');

/**
 * Needs bash, coreutils and perl-base, which every Debian has. The default image has socat since November 2025 only,
 * and no curl.
 *
 * @see https://github.com/docker-library/haproxy/blob/master/Dockerfile.template
 */
export function haproxyProcess(model: ProxyModel, { lameDuckSeconds, drainSeconds }: ShutdownTimes): ContainerProcess {
  const socket = `${model.runDirectory}/${HEALTH_SOCKET}`;
  return {
    // the image's entry point would add -W, a master process for reloads. A pod does not reload, and the signals would
    // go to the master
    command: ['haproxy', '-db', '-f', `/etc/${CONFIG}`, '-f', `/etc/${DRAIN}`],
    readiness: ['perl', `/etc/${READY.file}`, socket, model.health.path, healthAnswer(model)],
    liveness: frontAliveCommand(model),
    preStop: ['bash', `/etc/${STOP.file}`, String(lameDuckSeconds), String(drainSeconds)],
    files: {
      [CONFIG]: renderHaproxy(model),
      [DRAIN]: drainConfig(drainSeconds),
      [READY.file]: READY.text,
      [FRONT_ALIVE.file]: FRONT_ALIVE.text,
      [STOP.file]: STOP.text,
    },
    writableDirectories: [model.runDirectory],
  };
}

/** In its own file, so that the first file describes only the proxy. */
function drainConfig(drainSeconds: number): string {
  const out = new TextWriter();
  out.block('global', () => {
    out.line('# this long after SIGUSR1, connections that are still open end');
    out.line(`hard-stop-after ${drainSeconds}s`);
  });
  return out.toString();
}
