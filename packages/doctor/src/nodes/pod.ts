// the short-lived pod that probes a node
import { readFileSync } from 'fs';
import { join } from 'path';
import { argumentsOf, NodeProbe } from './plan';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { Workload } from '../edge/workload';

/** It needs nothing but perl and its base modules, which every image of Debian and Ubuntu has. */
export const PROGRAM = readFileSync(join(__dirname, 'node-probe.pl'), 'utf8');

/** Where the pods come from. */
export interface PodSource {
  readonly namespace: string;
  readonly image: string;
  readonly imagePullSecrets: readonly { readonly name: string }[];
}

/** A container of the edge nodes whose image has perl. keepalived's default image is Alpine and has none. */
function withPerl({ template, role, hostNetwork }: Workload): string[] {
  const containers: KubeObject[] = template.spec.containers;
  const suits = (name: string) => hostNetwork && (role === 'front-proxy' || role === 'gateway' || name === 'handover');
  return containers.filter(({ name, image }) => suits(name as string) && image !== 'auto').map(({ image }) => image);
}

/** Image and namespace of the pods: those of the manifests, unless the user gave others. Undefined if no image of the manifests fits. */
export function podSource({ workloads }: Edge, given: { readonly image?: string; readonly namespace?: string }): PodSource | undefined {
  const order = ['front-proxy', 'virtual-ip', 'gateway'];
  const ordered = [...workloads].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  const workload = ordered.find(one => withPerl(one).length > 0);
  const image = given.image ?? (workload === undefined ? undefined : withPerl(workload)[0]);
  const namespace = given.namespace ?? workload?.namespace ?? workloads.find(({ hostNetwork }) => hostNetwork)?.namespace;
  const imagePullSecrets = workload?.template.spec.imagePullSecrets ?? [];
  return image === undefined || namespace === undefined ? undefined : { namespace, image, imagePullSecrets };
}

/** Labels of all pods of a run. */
export function labelsOf(run: string): { readonly [key: string]: string } {
  return { 'app.kubernetes.io/name': 'cdk8s-istio-edge-doctor', 'app.kubernetes.io/instance': run };
}

/** The pod of a node. It has the smallest privileges that work: NET_RAW, for ARP and VRRP. */
export function podOf(probe: NodeProbe, { namespace, image, imagePullSecrets }: PodSource, run: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${run}-${probe.number}`, namespace, labels: { ...labelsOf(run), 'sidecar.istio.io/inject': 'false' } },
    spec: {
      nodeName: probe.node,
      hostNetwork: true,
      restartPolicy: 'Never',
      // it ends by itself if the doctor is killed; the time includes that to get the image
      activeDeadlineSeconds: 300,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      ...imagePullSecrets.length > 0 ? { imagePullSecrets } : {},
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'probe',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['perl', '-e', PROGRAM, '--', ...argumentsOf(probe)],
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
        securityContext: {
          runAsUser: 0, allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
        },
      }],
    },
  };
}
