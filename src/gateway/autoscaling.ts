// the number of gateway pods: fixed, or scaled by CPU use
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { copyOf } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import type { Problem } from '../validation/problem';
import { checkInteger, checkThat } from '../validation/values';
import { patchAutoscaler } from '../workload/kplus-patches';

/**
 * How many pods an `IngressGateway` may have.
 */
export interface IngressGatewayAutoscaling {
  /**
   * Lowest number of pods, 1 to 1000.
   *
   * @default 2
   */
  readonly minReplicas?: number;

  /**
   * Highest number of pods: `minReplicas` to 1000.
   */
  readonly maxReplicas: number;

  /**
   * CPU use above which pods are added, in percent of the request: 1 to 100.
   *
   * @default 80
   */
  readonly targetCpuPercent?: number;
}

/** One pod serves while the other is replaced. */
export const DEFAULT_REPLICAS = 2;

/** All problems with the number of pods. */
export function checkAutoscaling(
  replicas: number | undefined, autoscaling: IngressGatewayAutoscaling | undefined, resources: kplus.ContainerResources,
): Problem[] {
  if (autoscaling === undefined) {
    return checkInteger('replicas-out-of-range', 'replicas', replicas ?? DEFAULT_REPLICAS, 1, 1_000);
  }
  const minReplicas = autoscaling.minReplicas ?? DEFAULT_REPLICAS;
  return [
    ...checkThat(replicas === undefined, {
      code: 'replicas-and-autoscaling', what: 'replicas and autoscaling cannot be used together', got: replicas, fix: 'omit one of the two',
    }),
    ...checkInteger('replicas-out-of-range', 'autoscaling.minReplicas', minReplicas, 1, 1_000),
    ...checkInteger('replicas-out-of-range', 'autoscaling.maxReplicas', autoscaling.maxReplicas, minReplicas, 1_000),
    ...checkThat(resources.cpu?.request !== undefined, {
      code: 'cpu-request-missing', what: 'autoscaling needs a CPU request', fix: 'give resources.cpu.request',
    }),
    ...checkInteger('percent-out-of-range', 'autoscaling.targetCpuPercent', autoscaling.targetCpuPercent ?? 80, 1, 100),
  ];
}

/** Makes the HorizontalPodAutoscaler. */
export function makeAutoscaler(
  scope: Construct, metadata: GatewayMetadata, target: kplus.Deployment, options: IngressGatewayAutoscaling,
): void {
  const autoscaler = new kplus.HorizontalPodAutoscaler(scope, 'Autoscaler', {
    metadata: copyOf(metadata),
    target,
    minReplicas: options.minReplicas ?? DEFAULT_REPLICAS,
    maxReplicas: options.maxReplicas,
    metrics: [kplus.Metric.resourceCpu(kplus.MetricTarget.averageUtilization(options.targetCpuPercent ?? 80))],
  });
  patchAutoscaler(autoscaler);
}
