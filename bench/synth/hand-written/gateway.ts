// the gateway of the hand-written edge, and Istio's routes
import { ApiObject, Duration, JsonPatch, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { harden, labelsOf, metadataOf, resources, securityOf, selectorOf } from './common';
import type { MeasuredService } from '../edge';
import { NAMESPACE } from '../edge';

const NAME = 'edge-gateway';
const ISTIO_LABELS = { 'istio': NAME, 'cdk8s-istio-edge/namespace': NAMESPACE };
const LABELS = { ...labelsOf(NAME, 'istio-ingress-gateway', 'gateway'), ...ISTIO_LABELS };
const SELECTOR = { ...selectorOf(NAME, 'istio-ingress-gateway'), ...ISTIO_LABELS };
const ROUTE_LABELS = labelsOf('edge', 'mesh-edge', 'route');

export function makeGateway(scope: Construct): void {
  const serviceAccount = new kplus.ServiceAccount(scope, 'gateway-account', { metadata: metadataOf(NAME, LABELS), automountToken: false });
  const role = new kplus.Role(scope, 'gateway-secrets', { metadata: metadataOf(`${NAME}-secrets`, LABELS) });
  role.allowRead(kplus.ApiResource.SECRETS);
  const binding = new kplus.RoleBinding(scope, 'gateway-reads-secrets', { metadata: metadataOf(`${NAME}-secrets`, LABELS), role });
  binding.addSubjects(serviceAccount);
  makeService(scope, NAME);
  makeService(scope, `${NAME}-pods`, 'None');
  makeDeployment(scope, serviceAccount);
  new kplus.k8s.KubePodDisruptionBudget(scope, 'gateway-budget', {
    metadata: metadataOf(NAME, LABELS),
    spec: { maxUnavailable: kplus.k8s.IntOrString.fromNumber(1), selector: { matchLabels: { ...SELECTOR } } },
  });
}

function makeService(scope: Construct, name: string, clusterIP?: string): void {
  const service = new kplus.Service(scope, name, {
    metadata: metadataOf(name, LABELS),
    type: kplus.ServiceType.CLUSTER_IP,
    clusterIP,
    ports: [
      { name: 'status-port', port: 15021, targetPort: 15021 },
      { name: 'http2', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8443 },
    ],
  });
  Object.entries(SELECTOR).forEach(([key, value]) => service.selectLabel(key, value));
  ApiObject.of(service).addJsonPatch(JsonPatch.remove('/spec/externalIPs'));
}

function makeDeployment(scope: Construct, serviceAccount: kplus.ServiceAccount): void {
  const deployment = new kplus.Deployment(scope, 'gateway', {
    metadata: metadataOf(NAME, LABELS),
    podMetadata: {
      labels: { ...LABELS, 'sidecar.istio.io/inject': 'true' },
      annotations: { 'inject.istio.io/templates': 'gateway', 'proxy.istio.io/config': '{"gatewayTopology":{"proxyProtocol":{}}}' },
    },
    select: false,
    replicas: 2,
    minReady: Duration.seconds(5),
    progressDeadline: Duration.minutes(10),
    strategy: kplus.DeploymentStrategy.rollingUpdate({
      maxSurge: kplus.PercentOrAbsolute.absolute(1), maxUnavailable: kplus.PercentOrAbsolute.absolute(0),
    }),
    serviceAccount,
    automountServiceAccountToken: false,
    terminationGracePeriod: Duration.seconds(65),
    containers: [{
      name: 'istio-proxy',
      image: 'auto',
      imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
      resources: resources(100, 128, Size.gibibytes(1)),
      envVariables: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: kplus.EnvValue.fromValue('true') },
      readiness: kplus.Probe.fromHttpGet('/healthz/ready', {
        port: 15021, periodSeconds: Duration.seconds(2), timeoutSeconds: Duration.seconds(3), failureThreshold: 4,
      }),
      securityContext: securityOf(1337),
    }],
  });
  deployment.select(kplus.LabelSelector.of({ labels: { ...SELECTOR } }));
  deployment.scheduling.separate(deployment, { topology: kplus.Topology.HOSTNAME, weight: 100 });
  harden(deployment, true, { 'containers/0': [] });
}

export function makeRoutes(scope: Construct, services: MeasuredService[]): void {
  for (const { host, service, tlsSecretName } of services) {
    new ApiObject(scope, `route-${service}`, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: metadataOf(`edge-${host.replace(/\./g, '-')}`, ROUTE_LABELS),
      spec: {
        hosts: [host],
        gateways: [`edge-tls-${tlsSecretName}`],
        http: [{
          match: [{ uri: { prefix: '/' } }],
          route: [{ destination: { host: `${service}.${service}.svc.cluster.local`, port: { number: 8080 } } }],
        }],
      },
    });
    new ApiObject(scope, `gateway-${service}`, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: metadataOf(`edge-tls-${tlsSecretName}`, ROUTE_LABELS),
      spec: {
        selector: SELECTOR,
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host], tls: { httpsRedirect: true } },
          { port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: [host], tls: { mode: 'SIMPLE', credentialName: tlsSecretName } },
        ],
      },
    });
  }
}

export function makeNamespace(scope: Construct): void {
  const namespace = new kplus.k8s.KubeNamespace(scope, 'namespace', {
    metadata: {
      name: NAMESPACE,
      labels: { ...labelsOf('edge', 'mesh-edge', 'namespace'), 'pod-security.kubernetes.io/enforce': 'privileged' },
    },
  });
  namespace.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
}
