// how many pods a drain may take away at once
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Annotations, Labels } from './names';

/** Metadata of the budget, and its pods. */
export interface DisruptionBudgetProps {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Annotations;
  readonly selectorLabels: Labels;
  readonly replicas: number;
}

/**
 * One pod at a time, if a second one serves meanwhile. A DaemonSet needs none, because drains leave its pods alone.
 *
 * @see https://github.com/kubernetes/kubernetes/issues/106309
 */
export function makeDisruptionBudget(scope: Construct, props: DisruptionBudgetProps): void {
  if (props.replicas < 2) {
    return;
  }
  const { name, namespace, labels, annotations } = props;
  new k8s.KubePodDisruptionBudget(scope, 'DisruptionBudget', {
    metadata: { name, namespace, labels: { ...labels }, annotations: { ...annotations } },
    spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: { ...props.selectorLabels } } },
  });
}
