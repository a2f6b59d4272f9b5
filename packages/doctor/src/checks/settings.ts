// kernel settings and clocks of the edge nodes: docs/prerequisites.md has the values
import { Check, Fault } from '../check';
import { NodeFacts } from '../facts';
import { FRONT_SETTINGS, interfaceSettings, familyOf } from '../nodes/plan';

const ON_THE_NODE = 'on the node, in /etc/sysctl.d (docs/prerequisites.md)';

/** A setting of the front proxies' nodes. Nodes without one are not asked for it. */
function setting(code: string, finds: string, faultOf: (node: NodeFacts) => Omit<Fault, 'subject'> | undefined): Check {
  const faultsOf = (node: NodeFacts): Fault[] => {
    const fault = FRONT_SETTINGS.range in node.settings ? faultOf(node) : undefined;
    return fault === undefined ? [] : [{ subject: `node ${node.node}`, ...fault }];
  };
  return { code, severity: 'advice', finds, run: (_, { nodes }) => nodes.flatMap(faultsOf) };
}

/** tcp-migrate-req */
export const tcpMigrateReq = setting('tcp-migrate-req', 'an edge node without `net.ipv4.tcp_migrate_req=1`', ({ settings }) => {
  const value = settings[FRONT_SETTINGS.migrate];
  return value === '1' ? undefined : {
    what: 'an update of the front proxy can reset a few new connections',
    got: value === undefined ? 'a kernel older than 5.14, which has no net.ipv4.tcp_migrate_req' : `net.ipv4.tcp_migrate_req = ${value}`,
    fix: value === undefined ? 'use a newer kernel' : `set net.ipv4.tcp_migrate_req = 1 ${ON_THE_NODE}`,
  };
});

const WAIT_SECONDS = 60;

function rangeOf({ settings }: NodeFacts): [low: number, high: number] {
  const [low, high] = settings[FRONT_SETTINGS.range].split(' ').map(Number);
  return [low, high];
}

/** tcp-tw-reuse */
export const tcpTwReuse = setting('tcp-tw-reuse', 'an edge node without `net.ipv4.tcp_tw_reuse=1`', node => {
  const value = node.settings[FRONT_SETTINGS.reuse];
  const [low, high] = rangeOf(node);
  return value === '1' ? undefined : {
    what: `it opens at most ${Math.floor((high - low + 1) / WAIT_SECONDS)} new connections a second to each address of a gateway`,
    got: `net.ipv4.tcp_tw_reuse = ${value}`,
    fix: `set net.ipv4.tcp_tw_reuse = 1 ${ON_THE_NODE}`,
  };
});

/** The kernel's default has 28,232 ports, the documented range 54,761. */
const ENOUGH_PORTS = 50_000;

/** ephemeral-ports */
export const ephemeralPorts = setting('ephemeral-ports', `an edge node with fewer than ${ENOUGH_PORTS} ephemeral ports`, node => {
  const [low, high] = rangeOf(node);
  return high - low + 1 >= ENOUGH_PORTS ? undefined : {
    what: `it can have ${high - low + 1} connections to each address of a gateway`,
    got: `net.ipv4.ip_local_port_range = ${low} ${high}`,
    fix: `set net.ipv4.ip_local_port_range = 10240 65000, and net.ipv4.ip_local_reserved_ports, ${ON_THE_NODE}`,
  };
});

/** kubelet and kube-proxy, Istio, and node ports. */
const LISTENING = [[10_248, 10_260], [15_000, 15_090], [30_000, 32_767]];

/** reserved-ports */
export const reservedPorts = setting('reserved-ports', 'an edge node whose outgoing connections can take a port of Kubernetes or Istio', node => {
  const [low, high] = rangeOf(node);
  const value = node.settings[FRONT_SETTINGS.reserved] ?? '';
  const reserved = value.split(',').filter(part => part !== '').map(part => part.split('-').map(Number)).map(([first, last = first]) => [first, last]);
  const isReserved = (port: number) => reserved.some(([first, last]) => first <= port && port <= last);
  const open = LISTENING.filter(([first, last]) => {
    const inRange = Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(port => low <= port && port <= high);
    return inRange.some(port => !isReserved(port));
  });
  return open.length === 0 ? undefined : {
    what: 'an outgoing connection can take a port on which a process listens, and that process then cannot start again',
    got: `net.ipv4.ip_local_reserved_ports = ${value}; missing are ${open.map(([first, last]) => `${first}-${last}`).join(',')}`,
    fix: `set net.ipv4.ip_local_reserved_ports = 10248-10260,10443,15000-15090,30000-32767 ${ON_THE_NODE}`,
  };
});

/** retrans-time */
export const retransTime: Check = {
  code: 'retrans-time',
  severity: 'advice',
  finds: 'an edge node that asks for the hardware address of another node less often than it sends adverts',
  run: ({ virtualIps }, { nodes }) => virtualIps.flatMap(({ instances }) => nodes.flatMap(({ node, settings }) => {
    const slow = instances.filter(({ sources }) => sources[node] !== undefined).map(({ advertSeconds, interfaceOn, sources }) => {
      const file = interfaceSettings(interfaceOn(node), familyOf(sources[node])).retransmission;
      return { name: file.replaceAll('/', '.'), has: Number(settings[file]), advertMs: advertSeconds * 1000 };
    }).find(({ has, advertMs }) => has > advertMs);
    return slow === undefined ? [] : [{
      subject: `node ${node}`,
      what: 'after the nodes did not hear each other, it can take a second more until one of them gives the address up',
      got: `${slow.name} = ${slow.has}`,
      fix: `set ${slow.name} = ${Math.max(1, Math.round(slow.advertMs / 2))} on the node, in /etc/sysctl.d (docs/virtual-ip.md, When nodes do not hear each other)`,
    }];
  })),
};

const MOST_SECONDS = 5;

/** clock-differs */
export const clockDiffers: Check = {
  code: 'clock-differs',
  severity: 'problem',
  finds: `an edge node whose clock differs from the API server's by more than ${MOST_SECONDS} seconds`,
  run: (_, { cluster: { clocks } }) => clocks.filter(({ aheadSeconds }) => Math.abs(aheadSeconds) > MOST_SECONDS).map(({ node, aheadSeconds }) => ({
    subject: `node ${node}`,
    what: 'its clock differs from the API server\'s: certificates can count as ended or not valid yet, and logs have wrong times',
    got: `${Math.abs(aheadSeconds).toFixed(0)} s ${aheadSeconds > 0 ? 'ahead' : 'behind'}`,
    fix: 'let chrony or systemd-timesyncd set the clocks of all machines from the same servers',
  })),
};
