// how Envoy runs in its container: command line, readiness probe, preStop hook
import type { ContainerProcess } from '../container-process';
import { FRONT_ALIVE, frontAliveCommand } from '../liveness/front-alive';
import { ShutdownTimes, ProxyModel } from '../proxy-model';
import { readScript } from '../script';
import { adminSocket } from './admin';
import { renderEnvoy } from './render';

/** Default image of `FrontEnvoy`. @see https://hub.docker.com/r/envoyproxy/envoy */
export const ENVOY_IMAGE = 'docker.io/envoyproxy/envoy:v1.40.0';

const CONFIG = 'front-envoy.yaml';
const SCRIPT = readScript('envoy', 'front-envoy.pl');

/**
 * Needs perl-base, which every Ubuntu and Debian has. The image has neither curl nor wget, and bash cannot open a Unix
 * socket.
 */
export function envoyProcess(model: ProxyModel, times: ShutdownTimes): ContainerProcess {
  const ask = (...args: (string | number)[]) =>
    ['perl', `/etc/${SCRIPT.file}`, adminSocket(model), ...args.map(String)];
  const ports = model.listeners.map(listener => listener.port);
  const ownListeners = model.metrics ? 2 : 1;
  return {
    command: command(model, times),
    // the listeners for health and metrics count as well
    readiness: ask('ready', ports.length + ownListeners),
    liveness: frontAliveCommand(model, adminSocket(model)),
    preStop: ask('drain', times.lameDuckSeconds, times.drainSeconds, ...ports),
    files: {
      [CONFIG]: renderEnvoy(model),
      [SCRIPT.file]: SCRIPT.text,
      [FRONT_ALIVE.file]: FRONT_ALIVE.text,
    },
    writableDirectories: [model.runDirectory],
  };
}

function command(model: ProxyModel, times: ShutdownTimes): string[] {
  return [
    'envoy',
    '--config-path', `/etc/${CONFIG}`,
    // its socket is abstract, so all Envoys of the node would share it: https://github.com/envoyproxy/envoy/issues/88
    '--disable-hot-restart',
    '--concurrency', `${model.concurrency}`,
    '--service-cluster', 'front-proxy',
    '--service-node', '$(POD_NAME)',
    // `POST /drain_listeners?graceful` closes the listeners after this time
    '--drain-time-s', `${times.lameDuckSeconds}`,
    '--drain-strategy', 'immediate',
    '--log-level', 'warning',
    // the default would delay the access log by up to 10 s
    '--file-flush-interval-msec', '1000',
  ];
}
