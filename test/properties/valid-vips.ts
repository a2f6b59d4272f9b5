// an arbitrary valid virtual IP of an edge, and how long what it checks must stay
import { Duration, Size } from 'cdk8s';
import type { EdgeCase, Reserved } from './valid-edges';
import type { AddressMaker, MadeNodes } from './valid-nodes';
import { Handover } from '../../src';
import type { KeepalivedVipOptions, MeshEdgeProps } from '../../src';

const SNIPPETS = { global_defs: 'vrrp_garp_master_refresh 60', vrrp_instance: 'garp_master_delay 5', sections: 'static_ipaddress {\n}' };

/** Its longest lame-duck period. */
const LONGEST_OF_HOST_GATEWAY_MS = 45_000;

export interface MadeVip {
  readonly props: Pick<MeshEdgeProps, 'virtualAddresses' | 'networkInterface' | 'vip'>;
  readonly lameDuckMs: number;
}

/** `tracksGateway`: whether it checks a gateway on the nodes, which cannot stay as long as a front proxy. */
export function makeVip(wish: EdgeCase, made: MadeNodes, maker: AddressMaker, tracksGateway: boolean, reserved: Reserved): MadeVip {
  const { vip } = wish;
  const virtualAddresses = wish.virtualAddresses!.wishes.map(address => maker.make(address, true));
  const isKnown = made.family !== undefined;
  const isSpread = isKnown && vip.spread && !made.hasPriorities && virtualAddresses.some(({ preferredNode }) => preferredNode === undefined);
  // an entry can bring an address without an interface of its own
  const carried = wish.entries.length === 0 && virtualAddresses.every(address => address.networkInterface !== undefined);
  const interfacesKnown = isKnown ? made.everyInterface : carried;
  const { preemptDelay, metricsImage, ...options } = vip.options;
  const times = timesOf(wish, tracksGateway);
  const given: KeepalivedVipOptions = {
    ...options,
    ...times.props,
    ...(isKnown && preemptDelay && { preemptDelay }),
    ...(isSpread && { spread: true }),
    ...handoverOf(wish, made, maker),
    ...(vip.metrics && { metrics: { from: vip.metrics.from, ...(reserved.vipMetrics !== undefined && { port: reserved.vipMetrics }) } }),
    ...((vip.metrics ?? wish.monitoring) && metricsImage !== undefined && { metricsImage }),
    ...(wish.snippets && { configurationSnippets: SNIPPETS }),
  };
  return {
    lameDuckMs: times.lameDuckMs,
    props: {
      virtualAddresses,
      ...((!interfacesKnown || wish.namesInterface) && { networkInterface: wish.networkInterface }),
      ...(Object.keys(given).length > 0 && { vip: given }),
    },
  };
}

interface Times {
  readonly props: Pick<KeepalivedVipOptions, 'checkInterval' | 'checkTimeout' | 'checkFall' | 'checkRise'>;
  readonly lameDuckMs: number;
}

function timesOf({ vip: { options: { checkInterval, checkFall, checkRise }, longTimeout } }: EdgeCase, tracksGateway: boolean): Times {
  const intervalMs = checkInterval?.toMilliseconds() ?? 200;
  const timeoutMs = longTimeout === undefined ? Math.max(1000, intervalMs) : longTimeout ? 10_000 : intervalMs;
  const lameDuckMs = Math.max(intervalMs * ((checkFall ?? 2) + 1), intervalMs + timeoutMs);
  if (tracksGateway && lameDuckMs > LONGEST_OF_HOST_GATEWAY_MS) {
    return { props: { checkInterval: undefined, checkFall: undefined, checkRise }, lameDuckMs: 1200 };
  }
  return { props: { ...(longTimeout !== undefined && { checkTimeout: Duration.millis(timeoutMs) }) }, lameDuckMs };
}

/** A seamless hand-over needs listed nodes, with an address of each family that moves, and addresses on the nodes' own interface. */
function handoverOf({ vip: { handover } }: EdgeCase, { family, longestName }: MadeNodes, { isIpv6 }: AddressMaker): { handover?: Handover } {
  const isPossible = longestName <= 240 && family !== undefined && (family === 'dual' || (family === 'ipv6') === isIpv6);
  if (handover === 'default') return {};
  if (handover === 'plain' || !isPossible) return { handover: Handover.PLAIN };
  const resources = { memory: { limit: Size.mebibytes(64) } };
  const spread = Handover.seamless({ image: 'registry.example.com/handover:1', spreadConnections: true, resources });
  return { handover: handover === 'seamless' ? Handover.SEAMLESS : spread };
}
