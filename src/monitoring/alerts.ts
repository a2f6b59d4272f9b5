// the alerts of an edge; docs/alerts.md says for each what to do
import type { MeasuredEdge, MeasuredFront, MeasuredPart } from './measured-edge';
import { VIP_QUERIES } from './queries';

/** An alerting rule, as Prometheus reads it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly [label: string]: string };
  readonly annotations: { readonly [annotation: string]: string };
}

/** Rules that Prometheus evaluates together. */
export interface AlertGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: Alert[];
}

const RUNBOOK = 'https://github.com/cdk8s-istio-edge/cdk8s-istio-edge/blob/main/docs/alerts.md';

/** With scrapes every 5 s, an alert comes 10 to 20 s after the fault. */
const INTERVAL = '5s';

/** Longer than two scrapes of different nodes can be apart while an address moves. */
const SETTLED = '10s';

/** With `SETTLED` longer than an update takes to replace a pod of keepalived: the old one ends first. */
const REPLACED = '20s';

/** Moves in ten minutes that are more than a planned update of a few nodes makes. */
const MOST_MOVES = 3;

/** Of `maxConnections`: a proxy above it is almost full. */
export const CONNECTIONS_SHARE = 0.8;
const CERTIFICATE_DAYS = 14;

type Severity = 'critical' | 'warning' | 'info';

/** All alerts of an edge. */
export function alertsOf(edge: MeasuredEdge): AlertGroup {
  const rules = [
    ...(edge.vip ? vipAlerts(edge.vip) : []),
    ...(edge.frontProxy ? frontAlerts(edge.frontProxy) : []),
    ...updateAlerts(edge),
    certificateAlert(edge),
  ];
  const labels = { edge: edge.name, namespace: edge.namespace };
  return {
    name: `${edge.namespace}.${edge.name}`,
    interval: INTERVAL,
    rules: rules.map(rule => ({ ...rule, labels: { ...labels, ...rule.labels } })),
  };
}

function alert(name: string, severity: Severity, expr: string, summary: string, description: string, wait?: string): Alert {
  const full = `IstioEdge${name}`;
  return {
    alert: full,
    expr,
    ...(wait && { for: wait }),
    labels: { severity },
    annotations: { summary, description, runbook_url: `${RUNBOOK}#${full.toLowerCase()}` },
  };
}

function vipAlerts({ selector }: MeasuredPart): Alert[] {
  const holders = `sum by (ip_address) (${VIP_QUERIES.holders(selector)})`;
  const up = VIP_QUERIES.up(selector);
  const settings = VIP_QUERIES.settings(selector).map(setting => `${setting} != 1`).join(' or ');
  return [
    alert('AddressWithoutHolder', 'critical', `${holders} == 0 or absent(${up})`, 'No node holds a virtual address.',
      'No keepalived is MASTER for {{ $labels.ip_address }}, so clients cannot reach it.', SETTLED),
    alert('AddressWithTwoHolders', 'critical', `${holders} > 1`, 'Two nodes hold a virtual address.',
      '{{ $value }} nodes are MASTER for {{ $labels.ip_address }}: they do not hear the adverts of each other.', SETTLED),
    alert('AddressMoves', 'warning', `${VIP_QUERIES.moves(selector, '10m')} > ${MOST_MOVES}`, 'A virtual address moves again and again.',
      '{{ $labels.iname }} moved {{ $value | humanize }} times in ten minutes.'),
    alert('KeepalivedDown', 'warning', `${up} == 0 or ${VIP_QUERIES.unreachable(selector, REPLACED)}`, 'keepalived does not run on a node.',
      'keepalived on {{ $labels.instance }} does not run or cannot be read, so no address can move there.', SETTLED),
    alert('ListenerSick', 'warning', `${VIP_QUERIES.healthy(selector)} == 0`, 'A front proxy or host gateway is not healthy.',
      '{{ $labels.check }} on {{ $labels.instance }} does not answer its health check, so the node gives up its addresses.', SETTLED),
    alert('NodeSettings', 'info', settings, 'A node lacks a documented setting.',
      '{{ $labels.__name__ }} of {{ $labels.instance }} is not 1: an update can reset connections, or ephemeral ports can run out.', '1m'),
  ];
}

function frontAlerts({ name, selector, maxConnections, queries }: MeasuredFront): Alert[] {
  const { connections, refused, healthyPods } = queries;
  return [
    alert('FrontProxyDown', 'warning', `up{${selector}} == 0 or absent(up{${selector}})`, 'A front proxy does not answer.',
      `${name} on {{ $labels.instance }} does not answer Prometheus.`, SETTLED),
    alert('ConnectionsNearLimit', 'warning', `${connections} > ${Math.floor(CONNECTIONS_SHARE * maxConnections)}`, 'A front proxy is almost full.',
      `${name} on {{ $labels.instance }} has {{ $value }} connections, and refuses new ones at ${maxConnections}.`, SETTLED),
    ...(refused ? [alert('ConnectionsRefused', 'critical', `${refused} > 0`, 'A front proxy refuses connections.',
      `${name} on {{ $labels.instance }} is at a limit, and refuses {{ $value | humanize }} connections a second.`)] : []),
    ...(healthyPods ? [alert('NoHealthyGateway', 'critical', `${healthyPods} == 0`, 'A front proxy has no healthy gateway.',
      `${name} on {{ $labels.instance }} finds no healthy pod behind {{ $labels.envoy_cluster_name }}{{ $labels.proxy }}.`, SETTLED)] : []),
  ];
}

/** From kube-state-metrics. */
function updateAlerts({ namespace, frontProxy, vip }: MeasuredEdge): Alert[] {
  const names = [frontProxy, vip].flatMap(part => part?.isDaemonSet ? [part.name] : []);
  const matchers = `namespace="${namespace}",daemonset=~"${names.join('|')}"`;
  return names.length === 0 ? [] : [
    alert('UpdateHangs', 'warning', `kube_daemonset_status_updated_number_scheduled{${matchers}}`
      + ` < kube_daemonset_status_desired_number_scheduled{${matchers}}`, 'An update does not end.',
    'Only {{ $value }} nodes have the new pod of {{ $labels.daemonset }}.', '15m'),
  ];
}

/** From cert-manager, x509-certificate-exporter, or both. */
function certificateAlert({ namespace }: MeasuredEdge): Alert {
  const ends = `certmanager_certificate_expiration_timestamp_seconds{exported_namespace="${namespace}"}`
    + ` or certmanager_certificate_expiration_timestamp_seconds{namespace="${namespace}"}`
    + ` or x509_cert_not_after{secret_namespace="${namespace}"}`;
  return alert('CertificateEnds', 'warning', `(${ends}) - time() < ${CERTIFICATE_DAYS} * 86400`, 'A certificate ends soon.',
    `Certificate {{ $labels.name }}{{ $labels.secret_name }} in ${namespace} ends in {{ $value | humanizeDuration }}.`);
}
