// what istiod merges into the objects that it writes for a Gateway: our objects, without the fields that istiod sets
import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';

/** Keys of Istio's ConfigMap. A DaemonSet is a `deployment` with another kind. */
const KEYS: { readonly [kind: string]: string } = {
  Deployment: 'deployment',
  DaemonSet: 'deployment',
  Service: 'service',
  PodDisruptionBudget: 'podDisruptionBudget',
  HorizontalPodAutoscaler: 'horizontalPodAutoscaler',
};

/** Placeholder for a value that istiod sets. */
export const FILLED_IN = 'istiod';

/** Any Kubernetes object. */
type Json = { readonly [field: string]: any };

/**
 * Collects objects that are not applied themselves. istiod merges each one into its own object of the same kind.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
 */
export class IstiodOverlay {
  /** Where the objects are made. */
  public readonly chart: Chart;
  public readonly serviceAccount: kplus.IServiceAccount;

  /** cdk8s-plus derives labels that keep pods apart from this name. */
  constructor(gatewayName: string) {
    this.chart = new Chart(new App(), gatewayName);
    this.serviceAccount = kplus.ServiceAccount.fromServiceAccountName(this.chart, 'ServiceAccount', FILLED_IN);
  }

  /** Data of Istio's ConfigMap, as JSON: every YAML parser reads its strings as strings. */
  public toData(): { [key: string]: string } {
    return Object.fromEntries((this.chart.toJson() as Json[]).map(object => [KEYS[object.kind], JSON.stringify(overlayOf(object), undefined, 2)]));
  }
}

function overlayOf({ kind, metadata: { labels, annotations }, spec }: Json): Json {
  // istiod sets the selector and the target of the autoscaler
  const { selector, scaleTargetRef, template, ...rest } = spec;
  return {
    ...(kind === 'DaemonSet' && { kind }),
    metadata: { labels, annotations },
    spec: { ...rest, ...(template && { template: { metadata: template.metadata, spec: podOverlay(template.spec) } }) },
  };
}

function podOverlay({ serviceAccountName, securityContext, containers: [{ image, imagePullPolicy, resources, ...container }], ...rest }: Json): Json {
  // istiod's template sets a sysctl that lets a pod open port 80; kubelets refuse it on the host network
  const sysctls = rest.hostNetwork ? { sysctls: null } : {};
  return { ...rest, securityContext: { ...securityContext, ...sysctls }, containers: [{ ...container, resources: replaceResources(resources) }] };
}

/** Removes Istio's own resources, such as its CPU limit, where ours have no value. */
function replaceResources({ limits, requests }: Json = {}): Json {
  const nothing = { cpu: null, memory: null };
  return { limits: { ...nothing, ...limits }, requests: { ...nothing, ...requests } };
}
