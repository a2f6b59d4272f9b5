// the JSON of Grafana's dashboards, as far as an edge needs it; Grafana 9 and newer read it

/** A dashboard with one panel beside the other. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: Panel[];
}

/** What a panel shows. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  /** Lines over time, or states over time. */
  readonly kind: 'lines' | 'states';
  /** Grafana's name of the unit. @default - a plain number */
  readonly unit?: string;
  /** Values from which a line has the colour of a warning, and of an error. */
  readonly limits?: { readonly warning: number; readonly critical: number };
  /** Text and colour of each value. */
  readonly states?: { readonly [value: number]: readonly [text: string, color: string] };
  readonly queries: { readonly expr: string; readonly legend: string }[];
}

/** The user chooses it at the top of the dashboard. */
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Of the 24 columns of Grafana's grid: two panels side by side. */
const WIDTH = 12;
const HEIGHT = 7;

/**
 * The text of a dashboard. It ends with a line feed.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function renderDashboard({ uid, title, panels }: Dashboard): string {
  const dashboard = {
    uid,
    title,
    tags: ['istio-edge'],
    schemaVersion: 36,
    editable: false,
    graphTooltip: 1, // one cursor in all panels
    time: { from: 'now-1h', to: 'now' },
    refresh: '10s',
    templating: { list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }] },
    panels: panels.map(renderPanel),
  };
  return `${JSON.stringify(dashboard, null, 1)}\n`;
}

function renderPanel(panel: Panel, index: number): object {
  const { title, description, kind, queries } = panel;
  return {
    id: index + 1,
    title,
    ...(description && { description }),
    type: kind === 'lines' ? 'timeseries' : 'state-timeline',
    datasource: DATASOURCE,
    gridPos: { x: index % 2 * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: fieldsOf(panel) },
    targets: queries.map(({ expr, legend }, query) => ({ refId: String.fromCharCode('A'.charCodeAt(0) + query), datasource: DATASOURCE, expr, legendFormat: legend })),
  };
}

function fieldsOf({ kind, unit, limits, states = {} }: Panel): object {
  const options = Object.fromEntries(Object.entries(states).map(([value, [text, color]]) => [value, { text, color }]));
  return kind === 'states' ? { mappings: [{ type: 'value', options }] } : {
    min: 0,
    ...(unit && { unit }),
    ...(limits && {
      custom: { thresholdsStyle: { mode: 'line' } },
      thresholds: {
        mode: 'absolute',
        steps: [{ color: 'green', value: null }, { color: 'orange', value: limits.warning }, { color: 'red', value: limits.critical }],
      },
    }),
  };
}
