// the objects for Prometheus; promtool judges the alerts, and lets them fire and be silent on series of its own
import { spawnSync } from 'child_process';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { chartOf, container, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, Handover, MeshEdge, Monitoring, VirtualAddress } from '../../src';
import type { MeshEdgeProps } from '../../src';

const FROM = ['10.244.0.0/16', '192.0.2.0/24'];
const ENGINES: [string, EdgeFrontProxy][] = [
  ['envoy', EdgeFrontProxy.envoy({ maxConnections: 1000 })],
  ['haproxy', EdgeFrontProxy.haproxy({ maxConnections: 1000 })],
  ['nginx', EdgeFrontProxy.nginx({ maxConnections: 1000 })],
];
const folder = mkdtempSync(join(tmpdir(), 'edge-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function manifestsOf(
  monitoring: Monitoring | undefined, frontProxy?: EdgeFrontProxy, props: Partial<MeshEdgeProps> = {},
  chart = chartOf(), then?: (edge: MeshEdge) => void,
): Manifest[] {
  const edge = new MeshEdge(chart, 'edge', {
    nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], frontProxy, monitoring, ...props,
  });
  then?.(edge);
  return synth(chart);
}

const groupsOf = (frontProxy: EdgeFrontProxy) => only(manifestsOf(Monitoring.podMonitor({ from: FROM }), frontProxy), 'PrometheusRule').spec;

function promtool(command: string[], file: string, content: object): { status: number | null; output: string } {
  writeFileSync(join(folder, file), JSON.stringify(content));
  const { status, stdout, stderr } = spawnSync('promtool', [...command, join(folder, file)], { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

test('an edge has no monitoring by default', () => {
  expect(manifestsOf(undefined).filter(({ kind }) => ['PodMonitor', 'PrometheusRule'].includes(kind))).toEqual([]);
});

describe.each(ENGINES)('alerts of %s', (engine, frontProxy) => {
  test('promtool accepts them', () => {
    const { status, output } = promtool(['check', 'rules'], `${engine}.json`, groupsOf(frontProxy));
    expect([status, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  test('each has a runbook in docs/alerts.md', () => {
    const page = readFileSync(join(__dirname, '../../docs/alerts.md'), 'utf8');
    const rules: Manifest[] = groupsOf(frontProxy).groups.flatMap(({ rules: found }: Manifest) => found);
    rules.forEach(({ alert, annotations, labels }) => {
      expect(page).toContain(`\n## ${alert}\n`);
      expect(annotations.runbook_url).toMatch(new RegExp(`/docs/alerts\\.md#${alert.toLowerCase()}$`));
      expect(labels).toMatchObject({ severity: expect.stringMatching(/^(critical|warning|info)$/), edge: 'edge', namespace: 'istio-ingress' });
    });
  });
});

/** promtool repeats a value one time more than the number after the x. */
const valuesOf = (text: string) => text.replace(/(\d+)x(\d+)/g, (_, value, times) => `${value}+0x${Number(times) - 1}`);

const vip = 'job="istio-ingress/edge-vip"';
const front = (name: string) => `job="istio-ingress/edge-front-${name}"`;

/** Series of a healthy edge with each engine. */
const HEALTHY: { [series: string]: string } = {
  [`keepalived_vrrp_state{${vip},instance="edge-1",iname="vip",ip_address="192.0.2.100"}`]: '2x60',
  [`keepalived_vrrp_state{${vip},instance="edge-2",iname="vip",ip_address="192.0.2.100"}`]: '1x60',
  [`keepalived_become_master_total{${vip},instance="edge-1",iname="vip"}`]: '1x60',
  [`keepalived_become_master_total{${vip},instance="edge-2",iname="vip"}`]: '0x60',
  [`keepalived_up{${vip},instance="edge-1"}`]: '1x60',
  [`keepalived_up{${vip},instance="edge-2"}`]: '1x60',
  [`up{${vip},instance="edge-1"}`]: '1x60',
  [`keepalived_check_healthy{${vip},instance="edge-1",check="edge-front-envoy"}`]: '1x60',
  [`node_sysctl_net_ipv4_tcp_migrate_req{${vip},instance="edge-1"}`]: '1x60',
  [`node_sysctl_net_ipv4_tcp_tw_reuse{${vip},instance="edge-1"}`]: '1x60',
  [`up{${front('envoy')},instance="edge-1"}`]: '1x60',
  [`up{${front('haproxy')},instance="edge-1"}`]: '1x60',
  [`up{${front('nginx')},instance="edge-1"}`]: '1x60',
  [`envoy_listener_downstream_cx_active{${front('envoy')},instance="edge-1",envoy_listener_address="0.0.0.0_443"}`]: '500x60',
  [`envoy_listener_downstream_cx_active{${front('envoy')},instance="edge-1",envoy_listener_address="127.0.0.1_340"}`]: '9000x60',
  [`envoy_listener_downstream_global_cx_overflow{${front('envoy')},instance="edge-1",envoy_listener_address="0.0.0.0_443"}`]: '0x60',
  [`envoy_listener_downstream_cx_overload_reject{${front('envoy')},instance="edge-1",envoy_listener_address="0.0.0.0_443"}`]: '0x60',
  [`envoy_cluster_membership_healthy{${front('envoy')},instance="edge-1",envoy_cluster_name="edge-gateway-istio-ingress-443"}`]: '3x60',
  [`haproxy_frontend_current_sessions{${front('haproxy')},instance="edge-1",proxy="traffic"}`]: '500x60',
  [`haproxy_frontend_denied_connections_total{${front('haproxy')},instance="edge-1",proxy="traffic"}`]: '0x60',
  [`haproxy_frontend_requests_denied_total{${front('haproxy')},instance="edge-1",proxy="traffic"}`]: '0x60',
  [`haproxy_backend_active_servers{${front('haproxy')},instance="edge-1",proxy="edge-gateway-istio-ingress-443"}`]: '3x60',
  [`nginx_connections_active{${front('nginx')},instance="edge-1"}`]: '500x60',
  [`keepalived_check_last_success_timestamp_seconds{${vip},instance="edge-1",check="edge-front-envoy"}`]: '1x60',
  [`keepalived_handover_connections{${vip},instance="edge-2",ip_address="192.0.2.100"}`]: '7x60',
  [`envoy_listener_downstream_cx_total{${front('envoy')},instance="edge-1",envoy_listener_address="0.0.0.0_443"}`]: '900x60',
  [`haproxy_frontend_connections_total{${front('haproxy')},instance="edge-1",proxy="traffic"}`]: '900x60',
  'x509_cert_not_after{secret_namespace="istio-ingress",secret_name="shop-tls"}': '1300000x60',
  'x509_cert_not_after{secret_namespace="other",secret_name="old"}': '1x60',
  'kube_daemonset_status_updated_number_scheduled{namespace="istio-ingress",daemonset="edge-vip"}': '2x300',
  'kube_daemonset_status_desired_number_scheduled{namespace="istio-ingress",daemonset="edge-vip"}': '2x300',
};

describe('alerts on series', () => {
  /** [seconds after the fault when the alert must be there, engine, alert, series that differ from the healthy ones]. The fault comes after 60 s. */
  const FAULTS: [number, string, string, { [series: string]: string }][] = [
    [30, 'envoy', 'AddressWithoutHolder', { [`keepalived_vrrp_state{${vip},instance="edge-1",iname="vip",ip_address="192.0.2.100"}`]: '2x12 3x60' }],
    [30, 'envoy', 'AddressWithTwoHolders', { [`keepalived_vrrp_state{${vip},instance="edge-2",iname="vip",ip_address="192.0.2.100"}`]: '1x12 2x60' }],
    [30, 'envoy', 'AddressMoves', { [`keepalived_become_master_total{${vip},instance="edge-2",iname="vip"}`]: '0x12 9x60' }],
    [30, 'envoy', 'KeepalivedDown', { [`keepalived_up{${vip},instance="edge-2"}`]: '1x12 0x60' }],
    [50, 'envoy', 'KeepalivedDown', { [`up{${vip},instance="edge-1"}`]: '1x12 0x60' }],
    [30, 'envoy', 'ListenerSick', { [`keepalived_check_healthy{${vip},instance="edge-1",check="edge-front-envoy"}`]: '1x12 0x60' }],
    [90, 'envoy', 'NodeSettings', { [`node_sysctl_net_ipv4_tcp_tw_reuse{${vip},instance="edge-1"}`]: '1x12 2x60' }],
    [30, 'envoy', 'FrontProxyDown', { [`up{${front('envoy')},instance="edge-1"}`]: '1x12 0x60' }],
    [30, 'envoy', 'ConnectionsNearLimit',
      { [`envoy_listener_downstream_cx_active{${front('envoy')},instance="edge-1",envoy_listener_address="0.0.0.0_443"}`]: '500x12 801x60' }],
    [30, 'haproxy', 'ConnectionsNearLimit', { [`haproxy_frontend_current_sessions{${front('haproxy')},instance="edge-1",proxy="traffic"}`]: '500x12 801x60' }],
    [30, 'nginx', 'ConnectionsNearLimit', { [`nginx_connections_active{${front('nginx')},instance="edge-1"}`]: '500x12 801x60' }],
    [30, 'envoy', 'ConnectionsRefused',
      { [`envoy_listener_downstream_global_cx_overflow{${front('envoy')},instance="edge-1",envoy_listener_address="0.0.0.0_443"}`]: '0x12 5x60' }],
    [30, 'haproxy', 'ConnectionsRefused', { [`haproxy_frontend_denied_connections_total{${front('haproxy')},instance="edge-1",proxy="traffic"}`]: '0x12 5x60' }],
    [30, 'envoy', 'NoHealthyGateway',
      { [`envoy_cluster_membership_healthy{${front('envoy')},instance="edge-1",envoy_cluster_name="edge-gateway-istio-ingress-443"}`]: '3x12 0x60' }],
    [30, 'haproxy', 'NoHealthyGateway',
      { [`haproxy_backend_active_servers{${front('haproxy')},instance="edge-1",proxy="edge-gateway-istio-ingress-443"}`]: '3x12 0x60' }],
    [30, 'envoy', 'CertificateEnds', { 'x509_cert_not_after{secret_namespace="istio-ingress",secret_name="shop-tls"}': '1300000x12 1200000x60' }],
    [960, 'envoy', 'UpdateHangs', { 'kube_daemonset_status_updated_number_scheduled{namespace="istio-ingress",daemonset="edge-vip"}': '2x12 1x300' }],
  ];

  function verdict(engine: string, series: { [series: string]: string }, checks: [number, string, boolean][]): ReturnType<typeof promtool> {
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(groupsOf(ENGINES.find(([name]) => name === engine)![1])));
    const all = { ...HEALTHY, ...series };
    return promtool(['test', 'rules'], 'test.json', {
      rule_files: ['rules.json'],
      evaluation_interval: '5s',
      tests: [{
        interval: '5s',
        input_series: Object.entries(all).map(([name, values]) => ({ series: name, values: valuesOf(values) })),
        promql_expr_test: checks.map(([seconds, alert, fires]) => ({
          expr: `count(ALERTS{alertname="IstioEdge${alert}",alertstate="firing"}) > 0`,
          eval_time: `${seconds}s`,
          exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
        })),
      }],
    });
  }

  test.each(FAULTS)('within %d s, %s: IstioEdge%s', (seconds, engine, alert, series) => {
    expect(verdict(engine, series, [[55, alert, false], [60 + seconds, alert, true]])).toMatchObject({ status: 0 });
  });

  const ofKeepalived = Object.entries(HEALTHY).filter(([name]) => name.startsWith('keepalived_'));
  test.each<[string, string, { [series: string]: string }]>([
    ['nothing says any more who holds an address', 'AddressWithoutHolder', Object.fromEntries(ofKeepalived.map(([name, values]) => [name, values.replace('x60', 'x12 stale')]))],
    ['a certificate ends, with cert-manager\'s own label of the namespace', 'CertificateEnds',
      { 'certmanager_certificate_expiration_timestamp_seconds{namespace="istio-ingress",name="shop-tls"}': '1300000x12 1200000x60' }],
  ])('within 30 s, %s: IstioEdge%s', (_, alert, series) =>
    expect(verdict('envoy', series, [[55, alert, false], [90, alert, true]])).toMatchObject({ status: 0 }));

  // an update ends the old pod before it starts the new one; with annotations, the old pod stays a target until it is gone
  test.each([
    ['a node of keepalived that does not answer for 25 s', '1x12 0x5 1x60'],
    ['a pod of keepalived that does not answer, and then is gone', '1x12 0x4 stale'],
  ])('%s raises no alert', (_, values) => {
    const checks = [60, 70, 80, 90, 100, 110, 120, 150].map((seconds): [number, string, boolean] => [seconds, 'KeepalivedDown', false]);
    expect(verdict('envoy', { [`up{${vip},instance="edge-2"}`]: values }, checks)).toMatchObject({ status: 0 });
  });

  test.each(ENGINES)('%s: a healthy edge raises none', engine => {
    const names = new Set(FAULTS.map(([, , alert]) => alert));
    expect(verdict(engine, {}, [...names].map(alert => [290, alert, false]))).toMatchObject({ status: 0 });
  });
});

describe.each(ENGINES)('dashboard of %s', (engine, frontProxy) => {
  const configMapOf = (monitoring: Monitoring) => only(manifestsOf(monitoring, frontProxy), 'ConfigMap', 'edge-dashboard');
  const textOf = (monitoring: Monitoring) => configMapOf(monitoring).data['istio-ingress-edge.json'] as string;
  const panelsOf = (monitoring: Monitoring): Manifest[] => JSON.parse(textOf(monitoring)).panels;
  const queriesOf = (monitoring: Monitoring): string[] => panelsOf(monitoring).flatMap(({ targets }) => targets.map(({ expr }: Manifest) => expr));
  const WAYS: [string, Monitoring][] = [['podMonitor', Monitoring.podMonitor({ from: FROM })], ['annotations', Monitoring.annotations({ from: FROM })]];

  test.each(WAYS)('%s: promtool accepts each query', (_, monitoring) => {
    const rules = queriesOf(monitoring).map((expr, index) => ({ record: `panel:${index}`, expr }));
    expect(promtool(['check', 'rules'], `panels-${engine}.json`, { groups: [{ name: 'panels', rules }] })).toMatchObject({ status: 0 });
  });

  test('each query returns data of a healthy edge', () => {
    const checks = queriesOf(WAYS[0][1]).map(expr => ({ expr: `clamp_max(count(${expr}), 1)`, eval_time: '120s', exp_samples: [{ labels: '{}', value: 1 }] }));
    expect(checks.length).toBeGreaterThan(7);
    expect(promtool(['test', 'rules'], 'panels.json', {
      evaluation_interval: '5s',
      tests: [{ interval: '5s', input_series: Object.entries(HEALTHY).map(([series, values]) => ({ series, values: valuesOf(values) })), promql_expr_test: checks }],
    })).toMatchObject({ status: 0 });
  });

  test('Grafana\'s sidecar finds it, and its panels do not overlap', () => {
    const { metadata } = configMapOf(Monitoring.podMonitor({ from: FROM, labels: { release: 'kube-prometheus-stack' } }));
    expect(metadata.labels).toMatchObject({ 'grafana_dashboard': '1', 'release': 'kube-prometheus-stack', 'app.kubernetes.io/instance': 'edge' });
    const places = panelsOf(WAYS[0][1]).map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(panelsOf(WAYS[0][1]).map(({ id }) => id)).size).toBe(places.length);
  });

  test('it is the same each time, and small', () => {
    const text = textOf(WAYS[0][1]);
    expect(textOf(Monitoring.podMonitor({ from: FROM }))).toBe(text);
    expect(text.length).toBeLessThan(16_000);
    expect(JSON.parse(text).uid).toMatch(/^istio-edge-[0-9a-f]{16}$/);
  });

  test('asks for connections with the query of the alert', () => {
    const near = groupsOf(frontProxy).groups[0].rules.find(({ alert }: Manifest) => alert === 'IstioEdgeConnectionsNearLimit');
    expect(queriesOf(WAYS[0][1])).toContain(near.expr.replace(/ > \d+$/, ''));
  });
});

test('a dashboard can be left out, and has another label for another sidecar', () => {
  const dashboards = (options: object) => manifestsOf(Monitoring.podMonitor({ from: FROM, ...options })).filter(({ metadata }) => metadata.name === 'edge-dashboard');
  expect(dashboards({ grafanaDashboard: false })).toEqual([]);
  expect(dashboards({ labels: { grafana_dashboard: 'yes' } })[0].metadata.labels).toMatchObject({ grafana_dashboard: 'yes' });
});

test('edges of one name in two namespaces have dashboards of their own', () => {
  const [one, two] = ['one', 'two'].map(namespace => {
    const manifests = manifestsOf(Monitoring.podMonitor({ from: FROM }), undefined, {}, chartOf(undefined, 'edge', { namespace }));
    const [[file, text]] = Object.entries<string>(only(manifests, 'ConfigMap', 'edge-dashboard').data);
    return { file, uid: JSON.parse(text).uid };
  });
  expect([one.file, two.file]).toEqual(['one-edge.json', 'two-edge.json']);
  expect(one.uid).not.toBe(two.uid);
});

test('alerts know a port that is exposed later', () => {
  const manifests = manifestsOf(Monitoring.podMonitor({ from: FROM }), undefined, {}, chartOf(), edge => edge.exposeTcp(5432, { service: 'db', port: 5432 }));
  expect(JSON.stringify(only(manifests, 'PrometheusRule').spec)).toContain('.+_(80|443|5432)');
});

test('without a hand-over that counts connections, no panel asks for them', () => {
  const dashboard = (handover: Handover) => JSON.stringify(only(manifestsOf(Monitoring.podMonitor({ from: FROM }), undefined, { vip: { handover } }), 'ConfigMap', 'edge-dashboard'));
  expect(dashboard(Handover.SEAMLESS)).toContain('keepalived_handover_connections');
  expect(dashboard(Handover.PLAIN)).not.toContain('keepalived_handover_connections');
});

test('the operator finds each node once, at the port that the engine has', () => {
  const manifests = manifestsOf(Monitoring.podMonitor({ from: FROM, labels: { release: 'kube-prometheus-stack' } }));
  const monitor = only(manifests, 'PodMonitor', 'edge-front-envoy');
  expect(monitor.metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
  expect(monitor.spec.selector.matchLabels).toEqual(only(manifests, 'DaemonSet', 'edge-front-envoy').spec.selector.matchLabels);
  expect(monitor.spec.podMetricsEndpoints[0].relabelings).toEqual(expect.arrayContaining([
    { sourceLabels: ['__meta_kubernetes_pod_ip'], regex: '([^:]+)', replacement: '$1:341', targetLabel: '__address__' },
    { action: 'labeldrop', regex: 'pod|container' },
  ]));
  expect(only(manifests, 'PodMonitor', 'edge-vip').spec.podMetricsEndpoints[0].relabelings[2].replacement).toBe('$1:9165');
  expect(container(only(manifests, 'DaemonSet', 'edge-vip'), 'metrics').command[0]).toBe('/bin/sh');
});

test('the operator finds nodes by their IPv6 addresses too', () =>
  expect(only(manifestsOf(Monitoring.podMonitor({ from: FROM })), 'PodMonitor', 'edge-vip').spec.podMetricsEndpoints[0].relabelings).toContainEqual(
    { sourceLabels: ['__meta_kubernetes_pod_ip'], regex: '(.*:.*)', replacement: '[$1]:9165', targetLabel: '__address__' }));

test('Prometheus reads twice within the shortest wait of an alert', () =>
  expect(only(manifestsOf(Monitoring.podMonitor({ from: FROM })), 'PodMonitor', 'edge-vip').spec.podMetricsEndpoints[0])
    .toMatchObject({ path: '/metrics', interval: '5s', scrapeTimeout: '4s' }));

test('without the operator, pods have annotations and the alerts are a file', () => {
  const manifests = manifestsOf(Monitoring.annotations({ from: FROM }));
  expect(manifests.filter(({ apiVersion }) => apiVersion === 'monitoring.coreos.com/v1')).toEqual([]);
  expect(only(manifests, 'DaemonSet', 'edge-front-envoy').spec.template.metadata.annotations)
    .toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '341', 'prometheus.io/path': '/metrics' });
  expect(only(manifests, 'DaemonSet', 'edge-vip').spec.template.metadata.annotations).toMatchObject({ 'prometheus.io/port': '9165' });
  const rules = JSON.parse(only(manifests, 'ConfigMap', 'edge-alerts').data['istio-edge.rules.yaml']);
  expect(promtool(['check', 'rules'], 'annotations.json', rules)).toMatchObject({ status: 0 });
});

test('without the operator, alerts read no pods of a part whose name begins alike', () => {
  const { groups: [{ rules }] } = JSON.parse(only(manifestsOf(Monitoring.annotations({ from: FROM })), 'ConfigMap', 'edge-alerts').data['istio-edge.rules.yaml']);
  expect(rules.find(({ alert }: Manifest) => alert === 'IstioEdgeKeepalivedDown').expr).toContain('keepalived_up{namespace="istio-ingress",pod=~"edge-vip-.+"}');
});

test('an edge without a virtual IP has no alerts about it', () => {
  const manifests = manifestsOf(Monitoring.podMonitor({ from: FROM }), undefined, { virtualAddresses: undefined, networkInterface: undefined });
  expect(JSON.stringify(only(manifests, 'PrometheusRule'))).not.toMatch(/keepalived/);
  expect(only(manifests, 'PodMonitor').metadata.name).toBe('edge-front-envoy');
});

test('metrics of a part keep their own port', () => {
  const frontProxy = EdgeFrontProxy.envoy({ metrics: { from: ['10.0.0.0/8'], port: 9101 } });
  const manifests = manifestsOf(Monitoring.podMonitor({ from: FROM }), frontProxy);
  expect(only(manifests, 'PodMonitor', 'edge-front-envoy').spec.podMetricsEndpoints[0].relabelings[2].replacement).toBe('$1:9101');
});

test('metrics of the virtual IP keep their own port and readers', () => {
  const metrics = { from: ['10.0.0.0/8'], port: 9998 };
  const manifests = manifestsOf(Monitoring.podMonitor({ from: FROM }), undefined, { vip: { metrics } });
  expect(only(manifests, 'PodMonitor', 'edge-vip').spec.podMetricsEndpoints[0].relabelings[2].replacement).toBe('$1:9998');
  expect(only(manifests, 'ConfigMap', 'edge-vip').data['keepalived-metrics.conf']).toContain('10.0.0.0/8 1;');
});

test.each([
  ['no reader', { from: [] }, 'list-empty: from must not be empty'],
  ['an address', { from: ['10.0.0.1'] }, 'cidr-invalid: from is not a CIDR, got "10.0.0.1"'],
  ['a label that is none', { from: FROM, labels: { '-': 'x' } }, 'label-invalid: key of label'],
])('fails with %s', (_, options, message) => {
  expect(messageOf(() => Monitoring.podMonitor(options))).toContain(message);
});
