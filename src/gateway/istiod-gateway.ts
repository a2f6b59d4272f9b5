// a Gateway of Gateway API for which istiod writes the pods: the object, the overlay that it names, and the rights that both need
import { ApiObject } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { allowSecrets } from './gateway-objects';
import type { GatewayObjectProps } from './gateway-objects';
import type { ResolvedListener } from './ingress-gateway-config';
import type { IstiodOverlay } from './istiod-overlay';
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkThat } from '../validation/values';
import { claimObjectName, claimObjectNames } from '../workload/names';
import type { Labels } from '../workload/names';

export interface IstiodGatewayProps extends GatewayObjectProps {
  readonly selector: Labels;
  readonly overlay: IstiodOverlay;
  readonly revision?: string;
}

const GATEWAY_CLASS = 'istio';

/**
 * A Gateway must have a listener. This one opens no port: no TLSRoute can be for a name that does not exist, and istiod leaves a listener
 * without routes out. Its port is no other listener's, since istiod takes what is older where two protocols meet on one port.
 */
const PLACEHOLDER = {
  name: 'placeholder',
  hostname: 'placeholder.invalid',
  port: 15_443,
  protocol: 'TLS',
  tls: { mode: 'Passthrough' },
  allowedRoutes: { namespaces: { from: 'Same' }, kinds: [{ group: 'gateway.networking.k8s.io', kind: 'TLSRoute' }] },
};

/** Name of the Service, the ServiceAccount and the workload that istiod makes. */
export function istiodName(gatewayName: string): string {
  return `${gatewayName}-${GATEWAY_CLASS}`;
}

/** All problems with what every gateway that istiod deploys can be told. */
export function checkIstiodGateway(listeners: ResolvedListener[], revision: string | undefined, clusterDomain: string): Problem[] {
  const taken = listeners.find(({ port }) => port === PLACEHOLDER.port);
  return [
    ...(revision === undefined ? [] : checkDnsLabel('revision', revision)),
    ...checkDnsName('name-invalid', 'clusterDomain', clusterDomain),
    ...checkThat(taken === undefined, {
      code: 'port-reserved-by-gateway',
      what: 'port of a listener belongs to the listener without which Gateway API takes no Gateway',
      got: taken?.port,
      fix: 'choose another',
    }),
  ];
}

/** Makes the objects. The Gateway comes last: what it names must be there. */
export function makeIstiodGateway(scope: Construct, props: IstiodGatewayProps): ApiObject {
  const { name, namespace, labels, annotations, selector, overlay, revision } = props;
  allowSecrets(scope, props, kplus.ServiceAccount.fromServiceAccountName(scope, 'ServiceAccount', istiodName(name), { namespaceName: namespace }));
  const configMap = new kplus.ConfigMap(scope, 'Overlay', {
    metadata: { name: `${name}-overlay`, namespace, labels: { ...labels }, annotations: { ...annotations } }, data: overlay.toData(),
  });
  const gateway = new ApiObject(scope, 'Gateway', {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace, labels: { ...labels, ...(revision && { 'istio.io/rev': revision }) }, annotations: { ...annotations } },
    spec: {
      gatewayClassName: GATEWAY_CLASS,
      infrastructure: {
        // without these two istiod copies all labels and annotations of the Gateway to its objects, those of GitOps tools too
        labels: { ...selector },
        annotations: {},
        parametersRef: { group: '', kind: 'ConfigMap', name: configMap.name },
      },
      listeners: [PLACEHOLDER],
    },
  });
  claimObjectNames(scope);
  // istiod leaves one alone that it has not made, without a word
  claimObjectName(scope, { apiGroup: 'core', kind: 'Service', namespace, name: istiodName(name) });
  return gateway;
}

/**
 * istiod's chart lets it write Deployments only. All of istiod's namespace, since each revision has a ServiceAccount of its own.
 *
 * @see https://github.com/istio/istio/pull/59662
 */
export function allowDaemonSets(scope: Construct, { name, namespace, labels, annotations }: GatewayObjectProps, istioNamespace: string): void {
  const metadata = { name: `${name}-istiod`, namespace, labels: { ...labels }, annotations: { ...annotations } };
  const role = new kplus.Role(scope, 'IstiodRole', { metadata: { ...metadata } });
  role.allow(['get', 'create', 'patch'], kplus.ApiResource.DAEMON_SETS);
  new kplus.RoleBinding(scope, 'IstiodRoleBinding', { metadata: { ...metadata }, role })
    .addSubjects(kplus.Group.fromName(scope, 'IstiodServiceAccounts', `system:serviceaccounts:${istioNamespace}`));
}
