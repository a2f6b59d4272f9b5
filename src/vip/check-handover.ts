// chooses the hand-over, and checks what a seamless one needs of nodes and addresses
import { Handover } from './handover';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import { handedOverPorts } from './plan-handover';
import type { KeepalivedModel } from '../engines/keepalived/model';
import type { HostListenerConfig } from '../nodes/host-listener';
import { familyOf } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';

/** Every node knows every other one, so that the text grows with the square of their number. */
const MAX_NODES = 8;

/** Each node has files in a ConfigMap whose names contain its own. A key of a ConfigMap has at most 253 characters. */
const LONGEST_NODE_NAME = 240;

const PLAIN = 'or use Handover.PLAIN';

/** The hand-over of a virtual IP: the user's choice, otherwise a seamless one where it is possible. */
export function chooseHandover(props: KeepalivedVipProps, model: KeepalivedModel): Handover {
  return props.handover ?? (checkSeamless(props, model).length === 0 ? Handover.SEAMLESS : Handover.PLAIN);
}

/** All problems with the hand-over that a user has chosen. */
export function checkHandover(props: KeepalivedVipProps, model: KeepalivedModel): Problem[] {
  return props.handover?._isSeamless ? checkSeamless(props, model) : [];
}

/** What a seamless hand-over lacks. */
function checkSeamless({ nodes }: KeepalivedVipProps, { instances, nodes: known }: KeepalivedModel): Problem[] {
  const elsewhere = instances.find(instance => instance.addressInterface !== undefined);
  const moving = instances.flatMap(({ addresses, excludedAddresses }) => [...addresses, ...excludedAddresses]);
  const homeless = moving.find(address => known.some(node => node[familyOf(address)] === undefined));
  return [
    ...checkThat(known.length > 0, {
      code: 'handover-nodes-unknown',
      what: 'a seamless hand-over needs nodes whose addresses are known',
      got: nodes._describe(),
      fix: `list them with EdgeNodes.of({ hostname, address }, …), ${PLAIN}`,
    }),
    ...checkThat(known.length <= MAX_NODES, {
      code: 'handover-nodes-too-many',
      what: `a seamless hand-over works between at most ${MAX_NODES} nodes`,
      got: known.length,
      fix: `list fewer nodes, ${PLAIN}`,
    }),
    ...known.filter(({ id }) => id.length > LONGEST_NODE_NAME).map(({ id }): Problem => ({
      code: 'node-name-invalid', what: 'a seamless hand-over has files named after each node, and this name is too long', got: id,
      fix: `expected at most ${LONGEST_NODE_NAME} characters, ${PLAIN}`,
    })),
    ...checkThat(elsewhere === undefined, {
      code: 'handover-interface',
      what: `a seamless hand-over cannot move ${elsewhere?.addresses[0]}, which is not on the interface of the nodes' own addresses`,
      got: elsewhere?.addressInterface,
      fix: `omit networkInterface of the virtual address, ${PLAIN}`,
    }),
    ...checkThat(homeless === undefined, {
      code: 'handover-address-family',
      what: `a seamless hand-over of ${homeless} needs an ${homeless?.includes(':') ? 'IPv6' : 'IPv4'} address on every node`,
      fix: `give every node ${homeless?.includes(':') ? 'an ipv6Address' : 'an IPv4 address'}, ${PLAIN}`,
    }),
  ];
}

/** A problem if no tracked listener has a port that clients reach: there is no connection to hand over then. */
export function checkHandoverPorts(handover: Handover, tracked: HostListenerConfig[]): Problem[] {
  return checkThat(!handover._isSeamless || handedOverPorts(tracked).length > 0, {
    code: 'handover-without-port',
    what: 'a seamless hand-over needs a tracked listener with a port that is open to clients',
    fix: `track a front proxy or a host gateway, ${PLAIN}`,
  });
}
