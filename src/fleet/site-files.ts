// an App → its files, as App.synth() would write them: one for each chart
import { ApiObject, Chart, DependencyGraph, Names, Yaml } from 'cdk8s';
import type { App } from 'cdk8s';
import { throwIfAny } from '../validation/problem';
import { checkThat } from '../validation/values';

/** YAML documents by file name. A line of three dashes stands between two documents. */
export interface SiteFiles {
  readonly [fileName: string]: string[];
}

/** Validates and resolves the App. With `metadata`, one more file has the paths of the constructs. */
export function filesOf(app: App, metadata: boolean): SiteFiles {
  throwIfAny(checkThat(app.node.children.length > 0, {
    code: 'site-empty', what: 'a site has no chart', fix: 'make one in makeCharts(app): new Chart(app, id)',
  }));
  // validates the whole App, and finds out which chart depends on which
  const documents = new Map(app.node.findAll().filter(isChart).map(chart => [chart, chart.toJson().map(manifest => Yaml.stringify(manifest))]));
  // `app.charts` sorts the charts, which walks the tree; one chart needs no order
  const charts = documents.size > 1 ? app.charts : [...documents.keys()];
  const ordered = charts.some(chart => chart.node.dependencies.some(isChart));
  const manifests = charts.map((chart, index) => {
    // the order of files is the order of `kubectl apply -f`
    const prefix = ordered ? `${String(index).padStart(4, '0')}-` : '';
    return [`${prefix}${Names.toDnsLabel(chart)}${app.outputFileExtension}`, documents.get(chart)!];
  });
  return Object.fromEntries([...manifests, ...(metadata ? [['construct-metadata.json', [metadataOf(app.charts)]]] : [])]);
}

/** The construct path of each object name. cdk8s assumes that names are unique. */
function metadataOf(charts: Chart[]): string {
  const objects = charts.flatMap(chart =>
    new DependencyGraph(chart.node).topology().filter(ApiObject.isApiObject).filter(object => object.chart === chart));
  const resources = Object.fromEntries(objects.map(({ name, node }) => [name, { path: node.path }]));
  return JSON.stringify({ version: '1.0.0', resources });
}

function isChart(construct: unknown): construct is Chart {
  return construct instanceof Chart;
}
