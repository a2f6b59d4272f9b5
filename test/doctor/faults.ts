// faults made on purpose, one or more for each code
import { afterFaults } from './after-faults';
import { CERTIFICATE } from './healthy';
import type { Changeable } from './healthy';
import { nodeFaults, nodeNoFaults } from './node-faults';
import type { KubeObject } from '../../packages/doctor/src/edge/objects';
import type { Facts } from '../../packages/doctor/src/facts';

/** A fault, and what the doctor says about it. */
export interface FaultCase {
  readonly code: string;
  readonly name: string;
  /** @default ha-edge */
  readonly example?: string;
  /** True if the edge runs. */
  readonly applied?: boolean;
  /** Other codes that the same fault raises. */
  readonly also?: string[];
  /** Subject, what, got and fix, in one line. */
  readonly says: RegExp;
  make(facts: Changeable<Facts>, objects: KubeObject[]): void;
}

/** What looks like a fault and is none. */
export interface NoFaultCase extends Pick<FaultCase, 'name' | 'example' | 'applied'> {
  make(facts: Changeable<Facts>): void;
}

const pod = (name: string, spec: object): Changeable<KubeObject> =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'kube-system' }, spec: { nodeName: 'edge-2', ...spec }, status: { phase: 'Running' } });

const service = (name: string, spec: object, status = {}): Changeable<KubeObject> =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'kube-system' }, spec: { ports: [{ port: 443 }], ...spec }, status });

const policy = (ingress: object[]): Changeable<KubeObject> =>
  ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'closed', namespace: 'istio-ingress' }, spec: { podSelector: {}, ingress } });

const DAY = 86_400_000;

const before: FaultCase[] = [
  { code: 'kubernetes-old', name: 'Kubernetes 1.26', make: ({ cluster }) => { cluster.version = 'v1.26.9+k3s1'; }, says: /v1\.26\.9/ },
  {
    code: 'kind-unknown', name: 'Istio\'s CRDs are missing', make: ({ cluster }) => { cluster.kinds['networking.istio.io/v1'] = []; },
    says: /it does not know Gateway of networking\.istio\.io\/v1 \| no networking.*install Istio 1\.22/,
  },
  {
    code: 'kind-unknown', name: 'Gateway API without HTTPRoute', example: 'gateway-api', make: ({ cluster }) => { cluster.kinds['gateway.networking.k8s.io/v1'] = ['Gateway']; },
    says: /HTTPRoute of gateway\.networking\.k8s\.io\/v1.*standard channel/,
  },
  {
    code: 'namespace-missing', name: 'no namespace of the edge', example: 'front-haproxy',
    make: ({ cluster }) => { cluster.namespaces = cluster.namespaces.filter(one => one.metadata.name !== 'istio-ingress'); },
    says: /namespace istio-ingress \| it does not exist.*kubectl create namespace istio-ingress/,
  },
  {
    code: 'pod-security', name: 'a namespace with level baseline', example: 'front-haproxy',
    make: ({ cluster }) => { cluster.namespaces.forEach(one => (one.metadata.labels = { 'pod-security.kubernetes.io/enforce': 'baseline' })); },
    says: /namespace istio-ingress.*enforce: baseline.*enforce=privileged/,
  },
  {
    code: 'pod-refused', name: 'an admission webhook refuses keepalived',
    make: ({ cluster }) => { cluster.tried.find(one => one.workload === 'edge-vip')!.refusal = 'admission webhook "kyverno" denied the request: NET_ADMIN'; },
    says: /DaemonSet istio-ingress\/edge-vip.*kyverno.*NET_ADMIN/,
  },
  {
    code: 'not-injected', name: 'istiod has revisions only', make: ({ cluster }) => { cluster.tried.find(one => one.workload === 'edge-gateway')!.images = ['auto']; },
    says: /Deployment istio-ingress\/edge-gateway.*image: auto.*revision/,
  },
  {
    code: 'node-missing', name: 'a node has another hostname label', make: ({ cluster }) => { cluster.nodes[1].metadata.labels!['kubernetes.io/hostname'] = 'edge-2.example.com'; },
    says: /node edge-2 \| no node has this hostname label.*edge-2\.example\.com/,
  },
  {
    code: 'node-unselected', name: 'no node has the label', make: (_, objects) => {
      objects.filter(one => one.spec?.template?.spec.hostNetwork && /front/.test(one.metadata.name)).forEach(({ spec }) => {
        spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms =
          [{ matchExpressions: [{ key: 'node-role.kubernetes.io/edge', operator: 'Exists' }] }];
      });
    },
    says: /DaemonSet istio-ingress\/edge-front-envoy.*no node has the labels/,
  },
  { code: 'node-name', name: 'a node object with another name', make: ({ cluster }) => { cluster.nodes[0].metadata.name = 'n7'; }, says: /node n7.*listed are edge-1, edge-2.*nodeName: 'n7'/ },
  {
    code: 'node-not-ready', name: 'kubelet stopped', make: ({ cluster }) => { cluster.nodes[0].status.conditions = [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' }]; },
    says: /node edge-1.*Kubelet stopped/,
  },
  {
    code: 'node-taint', name: 'a taint that is not tolerated', make: ({ cluster }) => { cluster.nodes[0].spec = { taints: [{ key: 'node-role.kubernetes.io/edge', effect: 'NoSchedule' }] }; },
    says: /node edge-1.*edge-front-envoy, edge-vip.*node-role\.kubernetes\.io\/edge=:NoSchedule.*dedicated/,
  },
  {
    code: 'node-taint', name: 'a taint with an effect that is not tolerated', make: ({ cluster }, objects) => {
      cluster.nodes[0].spec = { taints: [{ key: 'example.com/gpu', effect: 'NoExecute' }] };
      objects.filter(({ kind }) => kind === 'DaemonSet').forEach(({ spec }) => {
        spec.template.spec.tolerations = [{ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];
      });
    },
    says: /node edge-1.*example\.com\/gpu=:NoExecute/,
  },
  {
    code: 'node-maintenance', name: 'a forgotten maintenance label', make: ({ cluster }) => { cluster.nodes[1].metadata.labels!['cdk8s-istio-edge/maintenance'] = ''; },
    says: /node edge-2.*kubectl label node edge-2 cdk8s-istio-edge\/maintenance-/,
  },
  {
    code: 'host-port-taken', name: 'servicelb of k3s', make: ({ cluster }) => { cluster.pods.push(pod('svclb-traefik-1', { containers: [{ ports: [{ containerPort: 443, hostPort: 443 }] }] })); },
    says: /node edge-2 \| TCP port 443 .*Pod kube-system\/svclb-traefik-1.*disable: \[traefik, servicelb\]/,
  },
  {
    code: 'host-port-taken', name: 'an ingress controller on the host network', example: 'host-gateways-vip',
    make: ({ cluster }) => { cluster.pods.push(pod('ingress-nginx-1', { hostNetwork: true, containers: [{ ports: [{ containerPort: 80 }] }] })); },
    says: /TCP port 80 .*ingress-nginx-1/,
  },
  {
    code: 'service-takes-port', name: 'node ports from 1 on', make: ({ cluster }) => { cluster.services.push(service('odd', { ports: [{ port: 8443, nodePort: 443 }] })); },
    says: /Service kube-system\/odd.*nodePort 443/,
  },
  {
    code: 'service-takes-port', name: 'a load balancer on the node\'s address', make: ({ cluster }) => { cluster.services.push(service('traefik', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '192.0.2.11' }] } })); },
    says: /Service kube-system\/traefik.*192\.0\.2\.11/,
  },
  {
    code: 'address-of-service', name: 'a pool of MetalLB has the address', make: ({ cluster }) => { cluster.services.push(service('web', { ports: [{ port: 8080 }] }, { loadBalancer: { ingress: [{ ip: '192.0.2.100' }] } })); },
    says: /address 192\.0\.2\.100.*Service kube-system\/web.*MetalLB/,
  },
  {
    code: 'address-of-service', name: 'a Service asks for the address', make: ({ cluster }) => { cluster.services.push(service('web', { ports: [{ port: 8080 }], loadBalancerIP: '192.0.2.100' })); },
    says: /address 192\.0\.2\.100.*Service kube-system\/web/,
  },
  { code: 'istiod-missing', name: 'no istiod', make: ({ cluster }) => { cluster.istiod = []; }, says: /no istiod runs/ },
  { code: 'istiod-missing', name: 'istiod is not ready', make: ({ cluster }) => { cluster.istiod![0].status.conditions[0].status = 'False'; }, says: /no pod of istiod is ready.*istiod-1/ },
  {
    code: 'istiod-old', name: 'istiod 1.21', make: ({ cluster }) => { cluster.istiod![0].spec.containers[0].image = 'docker.io/istio/pilot:1.21.0-distroless'; },
    says: /1\.22 or newer \| 1\.21\.0/,
  },
  {
    code: 'istiod-old', name: 'istiod 1.21, as its label says', make: ({ cluster }) => {
      cluster.istiod![0].spec.containers[0].image = 'registry.example.com/pilot:stable';
      cluster.istiod![0].metadata.labels!['app.kubernetes.io/version'] = '1.21.0';
    },
    says: /1\.22 or newer \| 1\.21\.0/,
  },
  {
    code: 'istiod-old', name: 'istiod 1.25 with a gateway that it deploys', example: 'managed-gateway', also: ['istiod-unsupported'],
    make: ({ cluster }) => { cluster.istiod![0].spec.containers[0].image = 'docker.io/istio/pilot:1.25.3'; }, says: /1\.26 or newer \| 1\.25\.3/,
  },
  {
    code: 'istiod-unsupported', name: 'istiod 1.29', make: ({ cluster }) => { cluster.istiod![0].spec.containers[0].image = 'docker.io/istio/pilot:1.29.4'; },
    says: /no longer supports this version \| 1\.29\.4/,
  },
  {
    code: 'istiod-unsupported', name: 'istiod 1.33', make: ({ cluster }) => { cluster.istiod![0].spec.containers[0].image = 'docker.io/istio/pilot:1.33.0'; },
    says: /newer than what this library was tested with \| 1\.33\.0/,
  },
  {
    code: 'gateway-newer', name: 'a host gateway newer than istiod', example: 'host-gateways-vip', make: ({ cluster }) => { cluster.istiod![0].spec.containers[0].image = 'docker.io/istio/pilot:1.30.2'; },
    says: /DaemonSet istio-ingress\/edge-gateway.*gateway 1\.31\.0, istiod 1\.30\.2/,
  },
  {
    code: 'tls-route-version', name: 'v1alpha2 with istiod 1.31', example: 'gateway-api', make: ({ cluster }, objects) => {
      objects.push({ apiVersion: 'gateway.networking.k8s.io/v1alpha2', kind: 'TLSRoute', metadata: { name: 'mail', namespace: 'istio-ingress' }, spec: {} });
      cluster.kinds['gateway.networking.k8s.io/v1alpha2'] = ['TLSRoute'];
    },
    says: /TLSRoute istio-ingress\/mail.*v1alpha2, istiod 1\.31\.1/,
  },
  {
    code: 'certificate-missing', name: 'no Secret', make: ({ cluster }) => { cluster.certificates[0].pem = undefined; },
    says: /Secret istio-ingress\/shop-tls \| there is no such Secret.*shop\.example\.com.*create secret tls shop-tls/,
  },
  {
    code: 'certificate-missing', name: 'a Secret in another namespace', make: ({ cluster }) => {
      cluster.certificates = [{ namespace: 'other', secret: 'shop-tls', pem: CERTIFICATE }, { ...cluster.certificates[0], pem: undefined }];
    },
    says: /Secret istio-ingress\/shop-tls \| there is no such Secret/,
  },
  { code: 'certificate-missing', name: 'a Secret without a certificate', make: ({ cluster }) => { cluster.certificates[0].pem = 'oops'; }, says: /its tls\.crt is no certificate/ },
  { code: 'certificate-ended', name: 'an old certificate', make: facts => { facts.now = new Date(Date.now() + 400 * DAY); }, says: /has ended/ },
  { code: 'certificate-ended', name: 'a certificate of tomorrow', make: facts => { facts.now = new Date(Date.now() - DAY); }, says: /not valid yet/ },
  { code: 'certificate-ends', name: 'ten days are left', make: facts => { facts.now = new Date(Date.now() + 354.5 * DAY); }, says: /ends in 10 days/ },
  {
    code: 'certificate-host', name: 'another host', make: (_, objects) => { objects.find(({ kind }) => kind === 'Gateway')!.spec.servers[1].hosts = ['shop.example.org']; },
    says: /does not cover shop\.example\.org.*\*\.example\.com/,
  },
  {
    code: 'certificate-host', name: 'a wildcard below that of the certificate',
    make: (_, objects) => { objects.find(({ kind }) => kind === 'Gateway')!.spec.servers[1].hosts = ['*.shop.example.com']; },
    says: /does not cover \*\.shop\.example\.com/,
  },
  { code: 'service-missing', name: 'no service behind the edge', make: ({ cluster }) => { cluster.services = cluster.services.filter(one => one.metadata.name !== 'shop'); }, says: /VirtualService .*sends to the Service shop\/shop/ },
  {
    code: 'service-missing', name: 'no service behind a route of Gateway API', example: 'gateway-api',
    make: ({ cluster }) => { cluster.services = cluster.services.filter(one => one.metadata.name !== 'blog'); }, says: /HTTPRoute .*blog\/blog/,
  },
  {
    code: 'service-missing', name: 'no service behind a TCP port', example: 'tcp-services',
    make: ({ cluster }) => { cluster.services = cluster.services.filter(one => one.metadata.name !== 'postgres'); }, says: /VirtualService .*db\/postgres/,
  },
  {
    code: 'policy-drops-edge', name: 'a policy that lets pods in only', example: 'front-haproxy', make: ({ cluster }) => { cluster.policies.push(policy([{ from: [{ podSelector: {} }] }])); },
    says: /Deployment istio-ingress\/edge-gateway.*node edge-1.*8080, 8443.*NetworkPolicy istio-ingress\/closed; the address of the node is 192\.0\.2\.11/,
  },
  {
    code: 'policy-drops-edge', name: 'a policy that excepts a node', example: 'front-haproxy',
    make: ({ cluster }) => { cluster.policies.push(policy([{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['192.0.2.11/32'] } }] }])); },
    says: /node edge-1.*8080, 8443/,
  },
  {
    code: 'policy-drops-edge', name: 'a policy that lets UDP in only', example: 'front-haproxy', make: ({ cluster }) => { cluster.policies.push(policy([{ ports: [{ protocol: 'UDP' }] }])); },
    says: /node edge-1.*8080, 8443/,
  },
  { code: 'policy-cilium', name: 'Cilium as it is installed', make: ({ cluster }) => { cluster.ciliumCidrMode = ''; }, says: /policy-cidr-match-mode: not set.*policyCIDRMatchMode=nodes/ },
];

const noFaultsBefore: NoFaultCase[] = [
  {
    name: 'a level that the Namespace of the manifests raises',
    make: ({ cluster }) => { cluster.namespaces.forEach(one => (one.metadata.labels = { 'pod-security.kubernetes.io/enforce': 'baseline' })); },
  },
  { name: 'a taint that only makes the scheduler prefer other nodes', make: ({ cluster }) => { cluster.nodes[0].spec = { taints: [{ key: 'example.com/gpu', effect: 'PreferNoSchedule' }] }; } },
  { name: 'a pod that takes UDP port 443', make: ({ cluster }) => { cluster.pods.push(pod('http3-1', { containers: [{ ports: [{ containerPort: 443, hostPort: 443, protocol: 'UDP' }] }] })); } },
  { name: 'a chart of istiod with a version of its own', make: ({ cluster }) => { cluster.istiod![0].metadata.labels!['app.kubernetes.io/version'] = '1.0.0'; } },
  {
    name: 'an old istiod beside a new one', example: 'host-gateways-vip', make: ({ cluster }) => {
      const old = structuredClone(cluster.istiod![0]);
      old.spec.containers[0].image = 'docker.io/istio/pilot:1.30.2';
      cluster.istiod!.push(old);
    },
  },
  {
    name: 'a policy that lets a range of ports in', example: 'front-haproxy',
    make: ({ cluster }) => { cluster.policies.push(policy([{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 8000, endPort: 9000 }] }])); },
  },
];

export const faults: FaultCase[] = [...before, ...afterFaults, ...nodeFaults];
export const noFaults: NoFaultCase[] = [...noFaultsBefore, ...nodeNoFaults];
