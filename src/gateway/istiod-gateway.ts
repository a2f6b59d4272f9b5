// a Gateway of Gateway API whose pods istiod writes: the object, its overlay, and the rights that istiod needs
import { ApiObject } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ResolvedListener } from './gateway-listener';
import { allowSecrets } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import type { IstiodOverlay } from './istiod-overlay';
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkThat } from '../validation/values';
import { claimObjectName, registerObjects } from '../workload/names';

/** What a `Gateway` that istiod deploys needs. */
export interface IstiodGatewayProps extends GatewayMetadata {
  readonly overlay: IstiodOverlay;
  readonly revision?: string;
}

const GATEWAY_CLASS = 'istio';

/**
 * Gateway API requires a listener. This one opens no port: no TLSRoute matches its name, and istiod ignores a TLS listener without routes.
 * No other listener may use its port: if two protocols share a port, istiod keeps the older listener only.
 */
const PLACEHOLDER = {
  name: 'placeholder',
  hostname: 'placeholder.invalid',
  port: 15_443,
  protocol: 'TLS',
  tls: { mode: 'Passthrough' },
  allowedRoutes: { namespaces: { from: 'Same' }, kinds: [{ group: 'gateway.networking.k8s.io', kind: 'TLSRoute' }] },
};

/** Name of the Service, the ServiceAccount and the workload that istiod writes. */
export function istiodName(gatewayName: string): string {
  return `${gatewayName}-${GATEWAY_CLASS}`;
}

/** All problems with the options that both gateways of istiod share. */
export function checkIstiodGateway(listeners: ResolvedListener[], revision: string | undefined, clusterDomain: string): Problem[] {
  const taken = listeners.find(({ port }) => port === PLACEHOLDER.port);
  return [
    ...(revision === undefined ? [] : checkDnsLabel('revision', revision)),
    ...checkDnsName('name-invalid', 'clusterDomain', clusterDomain),
    ...checkThat(taken === undefined, {
      code: 'port-reserved-by-gateway',
      what: 'this port is reserved for the gateway\'s placeholder listener',
      got: taken?.port,
      fix: 'choose another port',
    }),
  ];
}

/** Makes the objects. The Gateway comes last, because the objects that it names must exist. */
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
        // without these two istiod copies all labels and annotations of the Gateway to its objects, even those of GitOps tools
        labels: { ...selector },
        annotations: {},
        parametersRef: { group: '', kind: 'ConfigMap', name: configMap.name },
      },
      listeners: [PLACEHOLDER],
    },
  });
  registerObjects(scope);
  // istiod silently keeps a Service of this name that it did not write
  claimObjectName(scope, { apiGroup: 'core', kind: 'Service', namespace, name: istiodName(name) });
  return gateway;
}

/**
 * Lets istiod write DaemonSets: its chart allows Deployments only. The right goes to all ServiceAccounts of istiod's namespace, because
 * each revision has its own.
 *
 * @see https://github.com/istio/istio/pull/59662
 */
export function allowDaemonSets(scope: Construct, { name, namespace, labels, annotations }: GatewayMetadata, istioNamespace: string): void {
  const metadata = { name: `${name}-istiod`, namespace, labels: { ...labels }, annotations: { ...annotations } };
  const role = new kplus.Role(scope, 'IstiodRole', { metadata: { ...metadata } });
  role.allow(['get', 'create', 'patch'], kplus.ApiResource.DAEMON_SETS);
  new kplus.RoleBinding(scope, 'IstiodRoleBinding', { metadata: { ...metadata }, role })
    .addSubjects(kplus.Group.fromName(scope, 'IstiodServiceAccounts', `system:serviceaccounts:${istioNamespace}`));
}
