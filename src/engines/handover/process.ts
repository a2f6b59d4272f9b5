// the container of the hand-over: image, command, files
import type { ContainerProcess } from '../container-process';
import { readScript } from '../script';
import { familiesOf } from './families';
import type { HandoverInstance, HandoverModel, HandoverNode } from './model';
import { renderHandover } from './render';
import { renderSilence } from './render-silence';

/**
 * Default image: Istio's proxy. It has nft, ip, ss and ping, and edge nodes with a gateway have it already.
 * @see https://github.com/istio/istio/blob/1.31.0/docker/Dockerfile.base
 */
export const HANDOVER_IMAGE = 'docker.io/istio/proxyv2:1.31.1';

/** A checker that begins no check for this much longer than a check takes has ended, or hangs. */
const LATE_MS = 300;

const SCRIPT = readScript('handover', 'handover.sh');
const LIVENESS = readScript('handover', 'handover-liveness.sh');

/**
 * Command and files of a model: three files for each node, and the script.
 *
 * The container runs on the host network, beside keepalived: each can end without the other. It needs `NODE_NAME`
 * (`spec.nodeName`) in its environment, and the capabilities NET_ADMIN and NET_RAW.
 */
export function handoverProcess(model: HandoverModel): ContainerProcess {
  return {
    command: ['/bin/sh', `/etc/${SCRIPT.file}`, model.name, `${model.routingTable}`, `${model.leaseSeconds}`, `${model.lingerSeconds}`],
    // it is always ready: what it cannot do, it logs, and the addresses move without it
    readiness: [],
    liveness: ['/bin/sh', `/etc/${LIVENESS.file}`, '1'],
    preStop: [],
    files: {
      [SCRIPT.file]: SCRIPT.text,
      [LIVENESS.file]: LIVENESS.text,
      ...Object.fromEntries(model.nodes.flatMap(node => [
        [`handover-${node.id}.nft`, renderHandover(model, node)],
        [`silence-${node.id}.nft`, renderSilence(model, node)],
        [`handover-${node.id}.txt`, renderSettings(model, node)],
      ])),
    },
    writableDirectories: [],
  };
}

/** What the script reads: a kind and a value a line. */
function renderSettings(model: HandoverModel, node: HandoverNode): string {
  const families = familiesOf(model, node);
  return [
    `interface ${node.networkInterface}`,
    ...checks(model),
    ...(model.connectionsFile ? [`connections ${model.connectionsFile}`] : []),
    ...families.map(({ family }) => `family ${family.table}`),
    ...families.flatMap(({ addresses }) => addresses.map(address => `address ${address}`)),
    ...families.flatMap(({ peers }) => peers.map(peer => `peer ${peer.number} ${peer.address}`)),
    ...model.instances.map(instance => `instance ${instance.virtualRouterId} ${addressSeconds(instance)} ${instance.addresses.join(' ')}`),
  ].map(line => `${line}\n`).join('');
}

/**
 * Lifetime of an address on the interface, which the container renews twice a second while keepalived sends adverts.
 *
 * The next node takes over after three intervals. The kernel removes the address up to a quarter of a second late: two nodes have it
 * for less than two seconds. Never less than 2: a busy node may be a second late.
 */
function addressSeconds({ advertMs }: HandoverInstance): number {
  return Math.max(2, Math.floor(3 * advertMs / 1000 + 1.75));
}

/** Files of the checkers without their ends, and how old a check may be in hundredths of a second. */
function checks({ spread }: HandoverModel): string[] {
  return spread
    ? [...spread.checks.map(check => `check ${spread.runDirectory}/${check}`), `patience ${Math.ceil((spread.checkTimeoutMs + LATE_MS) / 10)}`]
    : [];
}
