// the objects by which Prometheus finds an edge, its alerts and its dashboard
import { createHash } from 'crypto';
import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { alertsOf } from './alerts';
import type { AlertGroup } from './alerts';
import { dashboardOf } from './dashboard';
import type { MeasuredEdge, MeasuredPart } from './measured-edge';
import type { Monitoring } from './monitoring';
import { PROXY_QUERIES } from './queries';
import { METRICS_PATH } from '../engines/metrics-endpoint';
import type { FrontProxy } from '../front/front-proxy';
import type { KeepalivedVip } from '../vip/keepalived-vip';
import type { Labels } from '../workload/names';
import { nameOf, namespaceOf, registerObjects, selectorLabels, standardLabels } from '../workload/names';

/** Two scrapes fit into the shortest wait of an alert. */
const SCRAPE = { interval: '5s', scrapeTimeout: '4s' };

/** By which the sidecar of Grafana's Helm chart, and so kube-prometheus-stack, finds dashboards. */
const DASHBOARD_LABELS = { grafana_dashboard: '1' };

/** The parts of an edge. */
export interface MonitoredParts {
  readonly frontProxy?: FrontProxy;
  readonly vip?: KeepalivedVip;
}

/** Makes the objects as children of `monitoring`, which becomes a child of the edge. */
export function makeMonitoring(edge: Construct, monitoring: Monitoring, { frontProxy, vip }: MonitoredParts): void {
  const scope = new Construct(edge, 'monitoring');
  const namespace = namespaceOf(edge);
  const selectorOf = (part: Construct) => monitoring._hasOperator
    ? `job="${namespace}/${nameOf(part)}"`
    : `namespace="${namespace}",pod=~"${nameOf(part)}-.+"`;
  // the front proxy can get more listeners later
  const measuredNow = (): MeasuredEdge => ({
    name: nameOf(edge),
    namespace,
    ...(frontProxy?._measured && { frontProxy: measuredFront(frontProxy, selectorOf(frontProxy)) }),
    ...(vip?._measured && { vip: { name: nameOf(vip), selector: selectorOf(vip), isDaemonSet: true, ...vip._measured } }),
  });
  const measured = measuredNow();
  const objects = new MonitoringObjects(scope, edge, monitoring);
  if (measured.frontProxy && frontProxy) {
    objects.find(frontProxy, measured.frontProxy, frontProxy._application);
  }
  if (measured.vip && vip) {
    objects.find(vip, measured.vip, 'keepalived');
  }
  objects.alert(() => alertsOf(measuredNow()));
  if (monitoring._options.grafanaDashboard ?? true) {
    objects.show(() => dashboardOf(measuredNow(), uidOf(measured)), `${namespace}-${measured.name}.json`);
  }
  registerObjects(scope);
}

function measuredFront(frontProxy: FrontProxy, selector: string): MeasuredEdge['frontProxy'] {
  const model = frontProxy._measured!;
  return {
    name: nameOf(frontProxy),
    port: model.metrics!.port,
    selector,
    isDaemonSet: frontProxy.workload.kind === 'DaemonSet',
    maxConnections: model.maxConnections,
    queries: PROXY_QUERIES[frontProxy._application](selector, model),
  };
}

/** Writes for the operator, or without it. */
class MonitoringObjects {
  constructor(private readonly scope: Construct, private readonly edge: Construct, private readonly monitoring: Monitoring) {}

  /** Lets Prometheus find the pods of a part. */
  public find(part: FrontProxy | KeepalivedVip, { name, port }: MeasuredPart, application: string): void {
    if (!this.monitoring._hasOperator) {
      Object.entries({ scrape: 'true', port: `${port}`, path: METRICS_PATH })
        .forEach(([key, value]) => part.workload.podMetadata.addAnnotation(`prometheus.io/${key}`, value));
      return;
    }
    this.make(`PodMonitor-${part.node.id}`, 'monitoring.coreos.com/v1', 'PodMonitor', name, {
      spec: {
        selector: { matchLabels: selectorLabels(part, application) },
        podMetricsEndpoints: [{ path: METRICS_PATH, ...SCRAPE, relabelings: relabelings(port) }],
      },
    });
  }

  /** Writes the alerts. */
  public alert(group: () => AlertGroup): void {
    const name = `${nameOf(this.edge)}-alerts`;
    if (this.monitoring._hasOperator) {
      this.make('PrometheusRule', 'monitoring.coreos.com/v1', 'PrometheusRule', name, { spec: { groups: [Lazy.any({ produce: group })] } });
    } else {
      const produce = () => `${JSON.stringify({ groups: [group()] }, null, 2)}\n`;
      this.make('Alerts', 'v1', 'ConfigMap', name, { data: { 'istio-edge.rules.yaml': Lazy.any({ produce }) } });
    }
  }

  /** Writes the dashboard. The sidecar of Grafana puts the files of all ConfigMaps into one folder. */
  public show(dashboard: () => string, file: string): void {
    const data = { [file]: Lazy.any({ produce: dashboard }) };
    this.make('Dashboard', 'v1', 'ConfigMap', `${nameOf(this.edge)}-dashboard`, { data }, DASHBOARD_LABELS);
  }

  private make(id: string, apiVersion: string, kind: string, name: string, content: object, more: Labels = {}): void {
    const labels = { ...more, ...this.monitoring._options.labels, ...standardLabels(this.edge, 'mesh-edge', 'monitoring') };
    new ApiObject(this.scope, id, { apiVersion, kind, metadata: { name, namespace: namespaceOf(this.edge), labels }, ...content });
  }
}

/** At most 40 characters, which is Grafana's limit. */
function uidOf({ namespace, name }: MeasuredEdge): string {
  return `istio-edge-${createHash('sha256').update(`${namespace}/${name}`).digest('hex').slice(0, 16)}`;
}

/**
 * A target is a node, not a pod: during an update, two pods of a node have the same address, and one scrape is enough. A hitless
 * update declares no container port, so the address is made here.
 */
function relabelings(port: number): object[] {
  const node = ['__meta_kubernetes_pod_node_name'];
  const address = ['__meta_kubernetes_pod_ip'];
  return [
    { sourceLabels: node, targetLabel: 'node' },
    { sourceLabels: node, targetLabel: 'instance' },
    { sourceLabels: address, regex: '([^:]+)', replacement: `$1:${port}`, targetLabel: '__address__' },
    { sourceLabels: address, regex: '(.*:.*)', replacement: `[$1]:${port}`, targetLabel: '__address__' },
    { action: 'labeldrop', regex: 'pod|container' },
  ];
}
