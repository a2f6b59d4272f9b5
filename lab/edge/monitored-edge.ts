// what the Prometheus operator, or a usual configuration with annotations, makes of an edge's objects

import { KubeObject } from '../cluster/objects';
import { PrometheusFiles } from '../cluster/prometheus';

type Relabeling = { [field: string]: unknown };

const META = '__meta_kubernetes_pod';

/** A panel of the dashboard, as far as the lab reads it. */
export interface DashboardPanel {
  readonly title: string;
  readonly targets: { readonly expr: string }[];
}

export function dashboardPanels(objects: KubeObject[]): DashboardPanel[] {
  const dashboard = objects.find(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
  const [text] = Object.values(dashboard!.data as { [file: string]: string });
  return (JSON.parse(text) as { panels: DashboardPanel[] }).panels;
}

/** From `PodMonitor` and `PrometheusRule`, as the operator translates them; otherwise from annotations and the ConfigMap of the alerts. */
export function prometheusFiles(objects: KubeObject[]): PrometheusFiles {
  const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
  const namespace = objects.find(({ kind }) => kind === 'DaemonSet')!.metadata.namespace!;
  if (rule) return { rules: rule.spec, scrapes: objects.filter(({ kind }) => kind === 'PodMonitor').map(ofPodMonitor), namespace };
  const alerts = objects.find(({ data }) => data?.['istio-edge.rules.yaml']);
  return { rules: JSON.parse(alerts!.data['istio-edge.rules.yaml']) as object, scrapes: [byAnnotations()], namespace };
}

/** https://github.com/prometheus-operator/prometheus-operator/blob/v0.80.0/pkg/prometheus/promcfg.go (`generatePodMonitorConfig`) */
function ofPodMonitor({ metadata, spec }: KubeObject): object {
  const [endpoint] = spec.podMetricsEndpoints;
  const labels = Object.entries(spec.selector.matchLabels as { [label: string]: string });
  return {
    job_name: `podMonitor/${metadata.namespace}/${metadata.name}/0`,
    metrics_path: endpoint.path,
    scrape_interval: endpoint.interval,
    scrape_timeout: endpoint.scrapeTimeout,
    relabel_configs: [
      ...labels.map(([label, value]) => ({ action: 'keep', source_labels: [`${META}_label_${label.replace(/\W/g, '_')}`], regex: value })),
      { action: 'drop', source_labels: [`${META}_phase`], regex: '(Failed|Succeeded)' },
      { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
      { source_labels: [`${META}_container_name`], target_label: 'container' },
      { source_labels: [`${META}_name`], target_label: 'pod' },
      { target_label: 'job', replacement: `${metadata.namespace}/${metadata.name}` },
      ...(endpoint.relabelings as Relabeling[]).map(inSnakeCase),
    ],
  };
}

/** https://github.com/prometheus-community/helm-charts/blob/main/charts/prometheus/values.yaml (`kubernetes-pods`), with scrapes every 5 s */
function byAnnotations(): object {
  const annotation = (name: string) => `${META}_annotation_prometheus_io_${name}`;
  return {
    job_name: 'kubernetes-pods',
    scrape_interval: '5s',
    scrape_timeout: '4s',
    relabel_configs: [
      { action: 'keep', source_labels: [annotation('scrape')], regex: 'true' },
      { source_labels: [annotation('path')], target_label: '__metrics_path__', regex: '(.+)' },
      { source_labels: [annotation('port'), `${META}_ip`], target_label: '__address__', regex: '(\\d+);([^:]+)', replacement: '$2:$1' },
      { action: 'drop', source_labels: [`${META}_phase`], regex: 'Pending|Succeeded|Failed|Completed' },
      { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
      { source_labels: [`${META}_name`], target_label: 'pod' },
      { source_labels: [`${META}_node_name`], target_label: 'node' },
    ],
  };
}

function inSnakeCase(relabeling: Relabeling): Relabeling {
  return Object.fromEntries(Object.entries(relabeling).map(([key, value]) => [key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`), value]));
}
