// what istiod merges into the objects that it writes for a Gateway of Gateway API: ours, without what is istiod's to say
import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';

/** Keys of Istio's ConfigMap. A DaemonSet is a Deployment of another kind there. */
const KEYS: { readonly [kind: string]: string } = {
  Deployment: 'deployment', DaemonSet: 'deployment', Service: 'service', PodDisruptionBudget: 'podDisruptionBudget', HorizontalPodAutoscaler: 'horizontalPodAutoscaler',
};

/** In the place of what istiod fills in. */
export const FILLED_IN = 'istiod';

/** Any object, as it is written. */
type Json = { readonly [field: string]: any };

/**
 * Objects that are not applied themselves: each becomes the overlay of istiod's own of this kind.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
 */
export class IstiodOverlay {
  /** Where the objects are made. */
  public readonly chart: Chart;
  public readonly serviceAccount: kplus.IServiceAccount;

  /** The name makes the labels unique by which cdk8s-plus keeps pods apart. */
  constructor(gatewayName: string) {
    this.chart = new Chart(new App(), gatewayName);
    this.serviceAccount = kplus.ServiceAccount.fromServiceAccountName(this.chart, 'ServiceAccount', FILLED_IN);
  }

  /** Data of Istio's ConfigMap. JSON is YAML in which no text can be taken for anything else. */
  public toData(): { [key: string]: string } {
    return Object.fromEntries((this.chart.toJson() as Json[]).map(object => [KEYS[object.kind], JSON.stringify(overlayOf(object), undefined, 2)]));
  }
}

function overlayOf({ kind, metadata: { labels, annotations }, spec }: Json): Json {
  // the selector is istiod's, and so is what is scaled
  const { selector, scaleTargetRef, template, ...rest } = spec;
  return {
    ...(kind === 'DaemonSet' && { kind }),
    metadata: { labels, annotations },
    spec: { ...rest, ...(template && { template: { metadata: template.metadata, spec: podOverlay(template.spec) } }) },
  };
}

function podOverlay({ serviceAccountName, securityContext, containers: [{ image, imagePullPolicy, resources, ...container }], ...rest }: Json): Json {
  // istiod's template sets one, by which a pod on the pod network may open port 80; kubelets refuse it on the host network
  const sysctls = rest.hostNetwork ? { sysctls: null } : {};
  return { ...rest, securityContext: { ...securityContext, ...sysctls }, containers: [{ ...container, resources: instead(resources) }] };
}

/** Istio's own resources, a CPU limit among them, would stay where ours say nothing. */
function instead({ limits, requests }: Json): Json {
  const nothing = { cpu: null, memory: null };
  return { limits: { ...nothing, ...limits }, requests: { ...nothing, ...requests } };
}
