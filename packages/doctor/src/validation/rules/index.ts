// all rules, in the order of the report
import { engineConfiguration } from './engines';
import { hostNetworkDns, hostNetworkSysctl } from './host-network';
import { hostPortOverlap } from './host-ports';
import { imageAuto } from './injection';
import { podSecurityLabel } from './namespaces';
import { proxyProtocolSource } from './proxy-protocol';
import { rolloutDeadlock } from './rollout';
import { gatewayBind, tlsRouteVersion } from './routes';
import { addressTwice, vridTwice } from './virtual-addresses';
import { Rule } from '../rule';

/** Every rule. */
export const RULES: readonly Rule[] = [
  hostPortOverlap, rolloutDeadlock, hostNetworkDns, hostNetworkSysctl, imageAuto, vridTwice, addressTwice, podSecurityLabel, gatewayBind,
  proxyProtocolSource, tlsRouteVersion, engineConfiguration,
];
