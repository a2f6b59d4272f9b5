// the choice of how Prometheus finds an edge, with its options
import { checkCidr } from '../validation/addresses';
import { ownCopy } from '../validation/own-copy';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkLabels, checkNotEmpty } from '../validation/values';

/**
 * Options of `Monitoring`.
 */
export interface MonitoringOptions {
  /**
   * Networks from which Prometheus reads, in CIDR form.
   *
   * They become `metrics.from` of the front proxy and of the virtual IP. Name the network of the pods, and that of the nodes.
   */
  readonly from: string[];

  /**
   * Labels by which Prometheus finds the objects, such as `release: kube-prometheus-stack`.
   *
   * @default - none besides the standard ones
   */
  readonly labels?: { [key: string]: string };

  /**
   * Whether to write a dashboard for Grafana.
   *
   * It is the ConfigMap `<edge>-dashboard` with the label `grafana_dashboard: "1"`, by which the sidecar of Grafana's Helm
   * chart finds it. The label can be changed in `labels`.
   *
   * @default true
   * @see https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards
   */
  readonly grafanaDashboard?: boolean;
}

/**
 * How Prometheus finds a `MeshEdge`, which then has metrics and alerts.
 */
export class Monitoring {
  /**
   * For the Prometheus operator: a `PodMonitor` for each part, a `PrometheusRule`, and a dashboard.
   *
   * @param options Who may read, labels of the objects, and whether there is a dashboard.
   * @throws option-missing, list-empty, cidr-invalid, cidr-host-bits, label-invalid
   * @see https://prometheus-operator.dev/docs/developer/getting-started/
   */
  public static podMonitor(options: MonitoringOptions): Monitoring {
    validateCall('Monitoring.podMonitor', { options });
    return new Monitoring(true, ownCopy(options));
  }

  /**
   * Without the operator: annotations such as `prometheus.io/scrape`, the alerts as a file, a dashboard.
   *
   * The annotations are on the pods. The file is in the ConfigMap `<edge>-alerts`.
   *
   * @param options Who may read, labels of the objects, and whether there is a dashboard.
   * @throws option-missing, list-empty, cidr-invalid, cidr-host-bits, label-invalid
   */
  public static annotations(options: MonitoringOptions): Monitoring {
    validateCall('Monitoring.annotations', { options });
    return new Monitoring(false, ownCopy(options));
  }

  private constructor(
    /** @internal */
    public readonly _hasOperator: boolean,
    /** @internal */
    public readonly _options: MonitoringOptions,
  ) {
    throwIfAny([
      ...checkNotEmpty('from', _options.from.length),
      ..._options.from.flatMap(cidr => checkCidr('from', cidr)),
      ...checkLabels('label', _options.labels ?? {}),
    ], `Monitoring.${_hasOperator ? 'podMonitor' : 'annotations'}()`);
  }
}
