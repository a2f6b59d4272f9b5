// `image: auto`, which istiod replaces when it injects a pod, and Kubernetes cannot pull
import { KubeObject, nameOf } from '../../edge/objects';
import { containersOf, PodOf } from '../pods';
import { Rule } from '../rule';

const INJECT = 'sidecar.istio.io/inject';

/**
 * Why istiod does not inject the pod. Undefined if it does, or if the labels of the namespace decide and are unknown.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
function whyNotInjected(pod: PodOf, namespaces: readonly KubeObject[]): { why: string; location: string } | undefined {
  const { labels, annotations, path, spec } = pod;
  if (spec.hostNetwork === true) {
    return { why: 'istiod injects no pod on the host network', location: `${path}.hostNetwork: true` };
  }
  if ((labels[INJECT] ?? annotations[INJECT]) === 'false') {
    return { why: `its label ${INJECT} is "false"`, location: `${INJECT}: "false"` };
  }
  const namespace = namespaces.find(({ metadata }) => metadata.name === pod.namespace)?.metadata.labels;
  if (namespace?.['istio-injection'] === 'disabled') {
    return { why: `its namespace ${pod.namespace} has the label istio-injection: disabled`, location: `metadata.namespace: ${pod.namespace}` };
  }
  const known = namespaces.some(({ metadata }) => metadata.name === pod.namespace);
  const wanted = labels[INJECT] === 'true' || labels['istio.io/rev'] !== undefined || namespace?.['istio-injection'] === 'enabled' || namespace?.['istio.io/rev'] !== undefined;
  return !known || wanted ? undefined : {
    why: `neither the pod nor its namespace ${pod.namespace} asks for injection`, location: `${path.replace(/spec$/, 'metadata.labels')}: no ${INJECT}`,
  };
}

/** image-auto */
export const imageAuto: Rule = {
  name: 'image-auto',
  find: ({ pods, objects }) => {
    const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
    return pods.filter(pod => pod.workload?.madeByIstiod !== true && containersOf(pod).some(({ image }) => image === 'auto')).flatMap(pod => {
      const reason = whyNotInjected(pod, namespaces);
      return reason === undefined ? [] : [{
        what: `the image of ${nameOf(pod.object)} stays "auto", which no registry has: ${reason.why}`,
        places: [{ object: pod.object, location: reason.location }],
        fix: pod.spec.hostNetwork === true
          ? 'write the pod out, as HostNetworkIngressGateway does, or use the pod network'
          : `give the pod the label ${INJECT}: "true", and the namespace no label istio-injection: disabled`,
      }];
    });
  },
};
