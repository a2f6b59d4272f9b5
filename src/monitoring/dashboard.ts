// the panels of an edge's dashboard, each with the query of an alert or one beside it in queries.ts
import { CONNECTIONS_SHARE } from './alerts';
import { renderDashboard } from './grafana';
import type { Panel } from './grafana';
import type { MeasuredEdge, MeasuredFront, MeasuredVip } from './measured-edge';
import { EDGE_QUERIES, VIP_QUERIES } from './queries';

const NODE = '{{instance}}';

/** A dashboard for Grafana, as JSON. Grafana identifies it by `uid`. */
export function dashboardOf(edge: MeasuredEdge, uid: string): string {
  const { name, namespace, frontProxy, vip } = edge;
  return renderDashboard({
    uid,
    title: `Istio edge / ${namespace} / ${name}`,
    panels: [
      ...(vip ? holderPanels(vip) : []),
      ...(frontProxy ? frontPanels(frontProxy) : []),
      ...(vip ? healthPanels(vip) : []),
      {
        title: 'Alerts that fire', description: 'docs/alerts.md says what each of them means.',
        kind: 'lines', queries: [{ expr: EDGE_QUERIES.firing(edge), legend: 'alerts' }],
      },
    ],
  });
}

function holderPanels({ selector, handsOver }: MeasuredVip): Panel[] {
  return [
    {
      title: 'State of each node',
      description: 'The node in state MASTER holds the address.',
      kind: 'states',
      states: { 0: ['none', 'text'], 1: ['BACKUP', 'blue'], 2: ['MASTER', 'green'], 3: ['FAULT', 'red'] },
      queries: [{ expr: VIP_QUERIES.state(selector), legend: `${NODE} {{ip_address}}` }],
    },
    {
      title: 'Moves in ten minutes',
      kind: 'lines',
      queries: [{ expr: VIP_QUERIES.moves(selector, '10m'), legend: '{{iname}}' }],
    },
    ...(handsOver ? [{
      title: 'Connections of nodes that do not hold the address',
      description: 'The holder passes their packets on. They break if the node goes down.',
      kind: 'lines' as const,
      queries: [{ expr: VIP_QUERIES.relayed(selector), legend: `${NODE} {{ip_address}}` }],
    }] : []),
  ];
}

function frontPanels({ selector, maxConnections, queries }: MeasuredFront): Panel[] {
  const { connections, newConnections, refused, healthyPods } = queries;
  return [
    {
      title: 'Connections of clients',
      description: `Each front proxy refuses connections above ${maxConnections}.`,
      kind: 'lines',
      limits: { warning: Math.floor(CONNECTIONS_SHARE * maxConnections), critical: maxConnections },
      queries: [{ expr: connections, legend: NODE }],
    },
    ...rates('New connections', newConnections),
    ...rates('Connections refused by a limit', refused),
    ...(healthyPods ? [{
      title: 'Healthy pods of each gateway',
      description: 'As the front proxy of each node finds them.',
      kind: 'lines' as const,
      queries: [{ expr: healthyPods, legend: `${NODE} {{envoy_cluster_name}}{{proxy}}` }],
    }] : []),
    upPanel('Front proxies', `up{${selector}}`),
  ];
}

function rates(title: string, expr?: string): Panel[] {
  return expr ? [{ title, kind: 'lines', unit: 'cps', queries: [{ expr, legend: NODE }] }] : [];
}

function healthPanels({ selector }: MeasuredVip): Panel[] {
  return [
    upPanel('keepalived', VIP_QUERIES.up(selector)),
    {
      title: 'Since the last good check',
      description: 'Of the front proxy or host gateway. After it fails twice, the node gives up its addresses.',
      kind: 'lines',
      unit: 's',
      queries: [{ expr: VIP_QUERIES.sinceGoodCheck(selector), legend: `${NODE} {{check}}` }],
    },
  ];
}

function upPanel(title: string, expr: string): Panel {
  return { title, kind: 'states', states: { 0: ['down', 'red'], 1: ['up', 'green'] }, queries: [{ expr, legend: NODE }] };
}
