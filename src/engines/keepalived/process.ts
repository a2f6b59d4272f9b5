// the container of keepalived: command, readiness probe, files
import { hostPrefix } from '../../validation/addresses';
import type { ContainerProcess } from '../container-process';
import type { KeepalivedModel } from './model';
import { renderCheckers, renderKeepalived, sortedBy } from './render';
import { ALIVE, CHECKER, CHECKERS, LIVENESS, READY, run, START, STATE } from './scripts';

/**
 * Default image of `KeepalivedVip`: keepalived 2.4.3 on Alpine, without a process wrapper.
 * There is no official image. `images/keepalived` builds one.
 * @see https://github.com/cplieger/docker-keepalived
 */
export const KEEPALIVED_IMAGE = 'ghcr.io/cplieger/docker-keepalived:v2.1.2';

const SCRIPTS = Object.fromEntries([START, CHECKER, ALIVE, STATE, READY, LIVENESS].map(script => [script.file, script.text]));

/**
 * Command, probe and files of a model.
 *
 * The container needs `NODE_NAME` (`spec.nodeName`) in its environment, and the capabilities NET_ADMIN, NET_RAW and
 * SETGID.
 */
export function keepalivedProcess(model: KeepalivedModel): ContainerProcess {
  const nodes = sortedBy(model.nodes, node => node.id).map(node => node.id);
  const instances = sortedBy(model.instances, instance => instance.name).map(instance => instance.name);
  const addresses = model.instances.flatMap(instance => [...instance.addresses, ...instance.excludedAddresses]).sort()
    .map(address => `${address}/${hostPrefix(address)}`);
  return {
    command: run(START, model.runDirectory, addresses.join(','), ...nodes),
    readiness: run(READY, model.runDirectory, ...instances),
    liveness: run(LIVENESS, model.runDirectory),
    // no hook: on SIGTERM, keepalived gives up its addresses before it ends
    preStop: [],
    files: {
      'keepalived.conf': renderKeepalived(model),
      [CHECKERS]: renderCheckers(model),
      ...SCRIPTS,
    },
    writableDirectories: [model.runDirectory],
  };
}
