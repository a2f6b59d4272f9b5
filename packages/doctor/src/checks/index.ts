// all checks, in the order of the report
import { certificateEnded, certificateEnds, certificateHost, certificateMissing } from './certificates';
import { addressTwoHolders, addressWithoutHolder, checkFails, connectionsLeft } from './holders';
import { gatewayNewer, istiodMissing, istiodOld, istiodUnsupported, tlsRouteVersion } from './istiod';
import { kindUnknown, kubernetesOld } from './kinds';
import { namespaceMissing, notInjected, podRefused, podSecurity } from './namespaces';
import { interfaceDown, interfaceMissing, mtuDiffers, nodeAddress, portRedirected, portTaken } from './network';
import { nodeMaintenance, nodeMissing, nodeName, nodeNotReady, nodeTaint, nodeUnselected } from './nodes';
import { policyCilium, policyDropsEdge } from './policies';
import { addressOfService, hostPortTaken, serviceTakesPort } from './ports';
import { serviceMissing } from './routes';
import { imageMissing, manifestsDiffer, podNotReady, rolloutHangs, workloadMissing } from './running';
import { clockDiffers, ephemeralPorts, reservedPorts, retransTime, tcpMigrateReq, tcpTwReuse } from './settings';
import { addressTaken, vridUsed, vrrpBlocked } from './vrrp';
import { Check } from '../check';

/** Checks of what kubectl says. */
export const CLUSTER_CHECKS: readonly Check[] = [
  kubernetesOld, kindUnknown, namespaceMissing, podSecurity, podRefused, notInjected,
  nodeMissing, nodeUnselected, nodeName, nodeNotReady, nodeTaint, nodeMaintenance,
  hostPortTaken, serviceTakesPort, addressOfService,
  istiodMissing, istiodOld, istiodUnsupported, gatewayNewer, tlsRouteVersion,
  certificateMissing, certificateEnded, certificateEnds, certificateHost, serviceMissing,
  policyDropsEdge, policyCilium,
  workloadMissing, manifestsDiffer, podNotReady, imageMissing, rolloutHangs,
  addressWithoutHolder, addressTwoHolders, checkFails, connectionsLeft, clockDiffers,
];

/** Checks of what pods on the nodes find. */
export const NODE_CHECKS: readonly Check[] = [
  interfaceMissing, interfaceDown, nodeAddress, mtuDiffers, portTaken, portRedirected, addressTaken, vridUsed, vrrpBlocked,
  tcpMigrateReq, tcpTwReuse, ephemeralPorts, reservedPorts, retransTime,
];

/** Every check. */
export const CHECKS: readonly Check[] = [...CLUSTER_CHECKS, ...NODE_CHECKS];
