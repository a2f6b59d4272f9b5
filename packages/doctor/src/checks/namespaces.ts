// namespaces of the edge, and what their Pod Security lets in
import { Check } from '../check';
import { namespacesOf } from '../edge/edge';
import { titleOf } from '../edge/workload';

const LABEL = 'pod-security.kubernetes.io/enforce';

/** namespace-missing */
export const namespaceMissing: Check = {
  code: 'namespace-missing',
  severity: 'problem',
  finds: 'a namespace that neither the cluster nor the manifests have',
  run: (edge, { cluster: { namespaces } }) => namespaces.length === 0 ? [] : namespacesOf(edge)
    .filter(name => !namespaces.concat(edge.objects.filter(({ kind }) => kind === 'Namespace')).some(({ metadata }) => metadata.name === name))
    .map(name => ({ subject: `namespace ${name}`, what: 'it does not exist', fix: `kubectl create namespace ${name}; for the edge's own namespace, or set createNamespace: true` })),
};

/** pod-security */
export const podSecurity: Check = {
  code: 'pod-security',
  severity: 'problem',
  finds: 'a namespace whose Pod Security level refuses pods on the host network',
  run: ({ workloads, objects }, { cluster: { namespaces } }) => {
    const hosts = [...new Set(workloads.filter(({ hostNetwork }) => hostNetwork).map(({ namespace }) => namespace))];
    return hosts.flatMap(name => {
      const written = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === name);
      const level = (written ?? namespaces.find(({ metadata }) => metadata.name === name))?.metadata.labels?.[LABEL];
      return level === undefined || level === 'privileged' ? [] : [{
        subject: `namespace ${name}`,
        what: 'its Pod Security level refuses pods on the host network',
        got: `${LABEL}: ${level}`,
        fix: `kubectl label namespace ${name} ${LABEL}=privileged --overwrite, or set createNamespace: true`,
      }];
    });
  },
};

/** pod-refused */
export const podRefused: Check = {
  code: 'pod-refused',
  severity: 'problem',
  finds: 'a pod that the API server refuses: Pod Security, a quota, a policy or a webhook (asked with --dry-run)',
  run: ({ workloads }, { cluster: { tried } }) => tried.filter(({ refusal }) => refusal !== undefined).map(({ namespace, workload, refusal }) => ({
    subject: titleOf(workloads.find(one => one.namespace === namespace && one.name === workload)!),
    what: 'the API server refuses its pods',
    got: refusal,
    fix: /PodSecurity/.test(refusal!)
      ? `kubectl label namespace ${namespace} ${LABEL}=privileged --overwrite`
      : 'let the admission policy that is named above accept these pods; on OpenShift, see docs/prerequisites.md',
  })),
};

/** not-injected */
export const notInjected: Check = {
  code: 'not-injected',
  severity: 'problem',
  finds: 'a gateway pod that istiod does not inject: its image stays `auto` (asked with --dry-run)',
  run: ({ workloads }, { cluster: { tried } }) => tried.filter(({ images }) => images.includes('auto')).map(({ namespace, workload }) => ({
    subject: titleOf(workloads.find(one => one.namespace === namespace && one.name === workload)!),
    what: 'istiod does not inject its pods, and they cannot start',
    got: 'image: auto',
    fix: `if istiod has a revision, set it: EdgeGateway.podNetwork({ istio: { revision } }); the namespace ${namespace} must not have the label istio-injection=disabled`,
  })),
};
