// how objects are named and labelled: readable, stable, the same for all objects of one construct
import { ApiObject, Chart, Names } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { checkAtSynthesis } from './manifests';
import { Registry } from '../nodes/registry';
import { throwIfAny } from '../validation/problem';
import { checkType } from '../validation/shapes';
import { checkDnsLabel, checkThat } from '../validation/values';

/** 63 characters, minus what ReplicaSets and pods append (17) and the prefix `edge-` (5). */
const LONGEST_NAME = 41;

/** cdk8s leaves these ids out of names; they carry no meaning. */
const HIDDEN_IDS = ['Default', 'Resource'];

/** Labels of an object or a pod. */
export type Labels = { readonly [key: string]: string };

/** Annotations of an object or a pod. */
export type Annotations = Labels;

/**
 * `<chart>-<construct>`, such as `edge-front-envoy`, from the ids on the way down from the chart.
 *
 * cdk8s would add a hash and the kind to every name. Operators type these names, and Services, RoleBindings and
 * Gateways refer to them. The registry reports two constructs that get the same name.
 */
export function nameOf(construct: IConstruct): string {
  const chart = chartOf(construct);
  const ids = construct.node.scopes.slice(chart.node.scopes.length - 1).map(scope => scope.node.id);
  const labels = ids.filter(id => !HIDDEN_IDS.includes(id)).map(toLabel);
  // as in cdk8s, a label does not repeat the one before: edge/edge/front-envoy is edge-front-envoy
  const name = labels.filter((label, index) => label !== '' && label !== labels[index - 1]).join('-');
  // cdk8s keeps dots and underscores, which names of Services may not have
  const isUsable = name !== '' && name.length <= LONGEST_NAME;
  const readable = isUsable ? name : toLabel(Names.toDnsLabel(construct, { maxLen: LONGEST_NAME }));
  // names of Services begin with a letter
  return /^[a-z]/.test(readable) ? readable : `edge-${readable}`;
}

function chartOf(construct: IConstruct): Chart {
  const chart = construct.node.scopes.reverse().find(scope => Chart.isChart(scope));
  throwIfAny(checkThat(chart !== undefined, {
    code: 'chart-missing', what: 'the construct is not in a chart', fix: 'make a chart, and give it as the scope: new Chart(app, id)',
  }), construct.node.path);
  return chart as Chart;
}

/** The chart's namespace, or `default`: upstream names need a namespace. */
export function namespaceOf(construct: IConstruct): string {
  const namespace = chartOf(construct).namespace ?? 'default';
  const what = 'namespace of the chart';
  throwIfAny(checkType(what, 'string', namespace), construct.node.path);
  throwIfAny(checkDnsLabel(what, namespace), construct.node.path);
  return namespace;
}

/** Labels that say what an object belongs to; `selectorLabels` are a part of them. */
export function standardLabels(construct: IConstruct, application: string, component: string): Labels {
  return {
    ...selectorLabels(construct, application),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': 'istio-edge',
    'app.kubernetes.io/managed-by': 'cdk8s',
  };
}

/** Labels by which Services and workloads find their pods. There are few, because they cannot change after an apply. */
export function selectorLabels(construct: IConstruct, application: string): Labels {
  return { 'app.kubernetes.io/name': application, 'app.kubernetes.io/instance': nameOf(construct) };
}

/**
 * Has all objects of a construct checked at synthesis, and claims their names.
 *
 * ConfigMaps need no claim: their name, which is not final yet, begins with the name that other objects claim.
 *
 * @param rename How a user gives the objects other names. By default, by the id of the construct.
 */
export function registerObjects(claimant: IConstruct, rename?: string): void {
  const objects = claimant.node.findAll().filter(ApiObject.isApiObject);
  checkAtSynthesis(claimant, objects);
  for (const object of objects.filter(({ kind }) => kind !== 'ConfigMap')) {
    const { apiGroup, kind, name, metadata: { namespace = '' } } = object;
    claimObjectName(claimant, { apiGroup, kind, namespace, name }, rename);
  }
}

interface ObjectName {
  readonly apiGroup: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Claims the name of an object, which this construct writes or a controller makes for it.
 *
 * Two objects with the same name would overwrite each other at `kubectl apply`.
 */
export function claimObjectName(
  claimant: IConstruct, { apiGroup, kind, namespace, name }: ObjectName, rename: string = 'give one of the two constructs, or its chart, another id',
): void {
  Registry.of(claimant).claim({
    claimant,
    key: `name/${apiGroup}/${kind}/${namespace}/${name}`,
    clashWith: earlier => ({
      code: 'name-clash',
      what: `${kind} ${name} in namespace ${JSON.stringify(namespace)} is also made by ${earlier.claimant.node.path}`,
      fix: kind === 'Namespace' ? 'let one of the two make it' : rename,
    }),
  });
}

/** Ids can contain any character. All except letters, digits and dashes become dashes. */
function toLabel(id: string): string {
  return id.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '');
}
