// namespaces whose Pod Security level refuses pods of the host network
import { declaredPorts } from './host-ports';
import { nameOf } from '../../edge/objects';
import { PodOf } from '../pods';
import { Rule } from '../rule';

const LABEL = 'pod-security.kubernetes.io/enforce';

/** True if the level `baseline` refuses the pod. */
const needsPrivileged = (pod: PodOf) => pod.spec.hostNetwork === true || declaredPorts(pod).length > 0;

/** pod-security-label */
export const podSecurityLabel: Rule = {
  name: 'pod-security-label',
  find: ({ pods, objects }) => objects.filter(({ kind, metadata }) => kind === 'Namespace' && metadata.labels?.[LABEL] !== 'privileged').flatMap(namespace => {
    const refused = pods.filter(pod => pod.namespace === namespace.metadata.name && needsPrivileged(pod));
    const level = namespace.metadata.labels?.[LABEL];
    return refused.length === 0 ? [] : [{
      what: `${nameOf(namespace)} has ${level === undefined ? 'no Pod Security label' : `the Pod Security level ${level}`}, `
        + `and the pods of ${refused.map(({ object }) => nameOf(object)).join(', ')} are on the host network: `
        + `${level === undefined ? 'a cluster whose default is not "privileged", such as Talos,' : 'the API server'} refuses them`,
      places: [{ object: namespace, location: `metadata.labels: ${level === undefined ? `no ${LABEL}` : `${LABEL}: ${level}`}` }],
      fix: `give it the label ${LABEL}: privileged`,
    }];
  }),
};
