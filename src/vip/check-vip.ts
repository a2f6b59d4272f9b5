// checks the props of a virtual IP
import { Duration } from 'cdk8s';
import { checkHandover } from './check-handover';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import { DEFAULT_CHECK_INTERVAL_MS } from './plan';
import type { KeepalivedModel, VrrpInstance } from '../engines/keepalived/model';
import { KEEPALIVED_PLACES } from '../engines/keepalived/snippets';
import { checkSnippets } from '../engines/snippets';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { checkImage } from '../validation/images';
import type { Problem } from '../validation/problem';
import { checkInteger, checkInterface, checkNotEmpty, checkThat } from '../validation/values';
import { checkDuration } from '../workload/durations';
import { checkMetrics } from '../workload/metrics-listener';
import { checkWorkloadOptions } from '../workload/workload-options';

const SECOND = Duration.seconds(1);
const CENTISECOND = Duration.millis(10);
const LONGEST_CHECK = Duration.seconds(10);
const DEFAULT_CHECK_INTERVAL = Duration.millis(DEFAULT_CHECK_INTERVAL_MS);

/** All problems with the props of a virtual IP, and with the VRRP priorities of the model that follows from them. */
export function checkVipProps(props: KeepalivedVipProps, model: KeepalivedModel): Problem[] {
  return [
    ...checkNotEmpty('virtualAddresses', props.virtualAddresses.length),
    ...checkNodes(props),
    ...checkFamilies(props),
    ...checkInterfaces(props),
    ...checkSpread(props),
    ...checkHighestPriority(model.instances, props),
    ...checkTimes(props),
    ...checkHandover(props, model),
    ...checkSnippets(KEEPALIVED_PLACES, props.configurationSnippets),
    ...checkMetrics(props.metrics),
    ...checkMetricsImage(props),
    ...checkWorkloadOptions(props),
  ];
}

function checkMetricsImage({ metrics, metricsImage }: KeepalivedVipProps): Problem[] {
  return metricsImage === undefined ? [] : [
    ...checkImage('metricsImage', metricsImage),
    ...checkThat(metrics !== undefined, {
      code: 'option-unused', what: 'metricsImage has no effect without metrics', got: metricsImage, fix: 'give metrics too, or omit it',
    }),
  ];
}

function checkNodes({ nodes, virtualAddresses }: KeepalivedVipProps): Problem[] {
  return [
    ...checkThat(nodes.hostnames.length !== 1, {
      code: 'nodes-too-few',
      what: 'a virtual IP needs at least two nodes',
      got: nodes.hostnames[0],
      fix: 'list another node, or omit the virtual IP',
    }),
    ...virtualAddresses.flatMap(({ preferredNode }) => checkPreferredNode(preferredNode, nodes)),
  ];
}

function checkPreferredNode(preferredNode: string | undefined, nodes: EdgeNodes): Problem[] {
  const known = nodes.nodes.map(node => node.hostname);
  return checkThat(preferredNode === undefined || known.includes(preferredNode), {
    code: 'preferred-node-unknown',
    what: 'preferredNode is not one of the listed nodes',
    got: preferredNode,
    fix: known.length > 0 ? `expected one of ${known.join(', ')}` : 'list the nodes with EdgeNodes.of({ hostname, address }, …)',
  });
}

/** A VRRP instance sends adverts in one family. An address of the other family moves with it only as its `ipv6Address`. */
function checkFamilies({ nodes, virtualAddresses }: KeepalivedVipProps): Problem[] {
  const mixed = virtualAddresses.filter(({ isIpv6 }) => isIpv6 !== virtualAddresses[0].isIpv6);
  const unsent = virtualAddresses.filter(({ isIpv6 }) => nodes.nodes.some(node => !hasFamily(node, isIpv6)));
  return [
    ...mixed.map(({ address }): Problem => ({
      code: 'address-family',
      what: 'one virtual IP cannot have separate IPv4 and IPv6 addresses',
      got: address,
      fix: 'pair them: VirtualAddress.of(ipv4, { ipv6Address }), or make a KeepalivedVip for each family',
    })),
    ...unsent.map(({ address, isIpv6 }): Problem => ({
      code: 'address-family',
      what: `virtual address ${address} needs an ${isIpv6 ? 'IPv6' : 'IPv4'} address on every node`,
      fix: `give every node ${isIpv6 ? 'an ipv6Address' : 'an IPv4 address'}, or choose a virtual address of the other family`,
    })),
  ];
}

function hasFamily(node: { address: string; ipv6Address?: string }, ipv6: boolean): boolean {
  return ipv6 ? node.ipv6Address !== undefined || node.address.includes(':') : !node.address.includes(':');
}

function checkInterfaces({ nodes, virtualAddresses, networkInterface }: KeepalivedVipProps): Problem[] {
  const unicast = nodes.nodes.length > 0;
  const nodesKnow = unicast && nodes.nodes.every(node => node.networkInterface !== undefined);
  // with multicast, the interface of the virtual addresses can send the adverts
  const addressesKnow = !unicast && virtualAddresses.every(address => address.networkInterface !== undefined);
  return [
    ...(networkInterface === undefined ? [] : checkInterface('networkInterface', networkInterface)),
    ...checkThat(networkInterface !== undefined || nodesKnow || addressesKnow, {
      code: 'interface-missing',
      what: 'networkInterface is missing',
      fix: 'give the interface of the nodes\' own addresses, such as eth0, for the virtual IP or for each node (see: ip -br address)',
    }),
  ];
}

function checkSpread({ spread, nodes, virtualAddresses }: KeepalivedVipProps): Problem[] {
  if (!spread) {
    return [];
  }
  return [
    ...checkThat(nodes.nodes.length > 0, {
      code: 'spread-nodes-unknown',
      what: 'spread needs nodes whose addresses are known',
      got: nodes._describe(),
      fix: 'list the nodes with EdgeNodes.of({ hostname, address }, …)',
    }),
    ...nodes.nodes.filter(({ priority }) => priority !== undefined).map(({ hostname, priority }): Problem => ({
      code: 'spread-with-priority',
      what: `spread sets the priorities, but node ${hostname} has a priority`,
      got: priority,
      fix: 'omit the priority, or use preferredNode instead of spread',
    })),
    ...checkThat(virtualAddresses.some(({ preferredNode }) => preferredNode === undefined), {
      code: 'spread-with-preferred-nodes',
      what: 'spread places addresses without a preferredNode, but each one has a preferredNode',
      got: virtualAddresses.map(({ preferredNode }) => preferredNode),
      fix: 'omit spread, or the preferredNode of some addresses',
    }),
  ];
}

/** An address can return to its node only if one node has the highest priority. */
function checkHighestPriority(instances: VrrpInstance[], { nodes, preemptDelay }: KeepalivedVipProps): Problem[] {
  const isKnown = nodes.nodes.length > 0;
  if (!isKnown && preemptDelay === undefined) {
    // `checkSpread` and `checkPreferredNode` report nodes without addresses
    return [];
  }
  const undecided = instances.filter(({ preempt, priorities }) => preempt && !hasHighest(Object.values(priorities)));
  return undecided.map(({ addresses, priorities }) => ({
    code: 'preempt-without-preferred-node',
    what: `preemption needs one node with the highest priority for ${addresses[0]}`,
    got: isKnown ? priorities : nodes._describe(),
    fix: 'omit preemptDelay, or list the nodes with EdgeNodes.of() and give one node the highest priority',
  }));
}

function hasHighest(priorities: number[]): boolean {
  return priorities.filter(priority => priority === Math.max(...priorities)).length === 1;
}

function checkTimes(props: KeepalivedVipProps): Problem[] {
  const { advertInterval, preemptDelay, checkInterval, checkTimeout, checkFall, checkRise } = props;
  return [
    ...checkDuration('advertInterval', advertInterval, CENTISECOND, Duration.millis(40_950), CENTISECOND),
    ...checkDuration('preemptDelay', preemptDelay, Duration.seconds(0), Duration.seconds(1_000), SECOND),
    ...checkDuration('checkInterval', checkInterval, Duration.millis(100), LONGEST_CHECK, CENTISECOND),
    ...checkDuration('checkTimeout', checkTimeout, checkInterval ?? DEFAULT_CHECK_INTERVAL, LONGEST_CHECK, CENTISECOND),
    ...(checkFall === undefined ? [] : checkInteger('check-count-out-of-range', 'checkFall', checkFall, 1, 10)),
    ...(checkRise === undefined ? [] : checkInteger('check-count-out-of-range', 'checkRise', checkRise, 1, 10)),
  ];
}
