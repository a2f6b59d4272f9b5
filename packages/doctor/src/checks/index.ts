// all checks, in the order of the report
import { certificateEnded, certificateEnds, certificateHost, certificateMissing } from './certificates';
import { gatewayNewer, istiodMissing, istiodOld, istiodUnsupported, tlsRouteVersion } from './istiod';
import { kindUnknown, kubernetesOld } from './kinds';
import { namespaceMissing, notInjected, podRefused, podSecurity } from './namespaces';
import { nodeMaintenance, nodeMissing, nodeName, nodeNotReady, nodeTaint, nodeUnselected } from './nodes';
import { policyCilium, policyDropsEdge } from './policies';
import { addressOfService, hostPortTaken, serviceTakesPort } from './ports';
import { serviceMissing } from './routes';
import { imageMissing, manifestsDiffer, podNotReady, rolloutHangs, workloadMissing } from './running';
import { Check } from '../check';

/** Every check. */
export const CHECKS: readonly Check[] = [
  kubernetesOld, kindUnknown, namespaceMissing, podSecurity, podRefused, notInjected,
  nodeMissing, nodeUnselected, nodeName, nodeNotReady, nodeTaint, nodeMaintenance,
  hostPortTaken, serviceTakesPort, addressOfService,
  istiodMissing, istiodOld, istiodUnsupported, gatewayNewer, tlsRouteVersion,
  certificateMissing, certificateEnded, certificateEnds, certificateHost, serviceMissing,
  policyDropsEdge, policyCilium,
  workloadMissing, manifestsDiffer, podNotReady, imageMissing, rolloutHangs,
];
