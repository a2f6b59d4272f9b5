// compares the fields of a pod with the committed table of what Istio's injector and the library write

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeObject } from '../cluster/objects';

/** Path of a field → its value. */
export interface Fields {
  readonly [path: string]: unknown;
}

/** Who wrote the pod: the injector, for a gateway on the pod network, or the library. */
export type Writer = 'injected' | 'written';

/** What both write, or what each writes and why. A missing value means that the pod lacks the field. */
export type Row = { readonly both: unknown } | { readonly injected?: unknown; readonly written?: unknown; readonly why: string };

/** The first gateway has all rows, the others those that differ. `null` removes a row. */
type DriftTable = { readonly [gateway: string]: { readonly [path: string]: Row | null } };

const DRIFT_TABLE = JSON.parse(readFileSync(join(__dirname, '../drift-table.json'), 'utf8')) as DriftTable;

const [FIRST] = Object.keys(DRIFT_TABLE);

/** Defaults that the API server adds, by the last part of the path. */
const DEFAULTS: Fields = {
  'defaultMode': 420,
  'divisor': '0',
  'dnsPolicy': 'ClusterFirst',
  'enableServiceLinks': true,
  'failureThreshold': 3,
  'fieldRef.apiVersion': 'v1',
  'imagePullPolicy': 'IfNotPresent',
  'preemptionPolicy': 'PreemptLowerPriority',
  'priority': 0,
  'protocol': 'TCP',
  'restartPolicy': 'Always',
  'scheme': 'HTTP',
  'schedulerName': 'default-scheduler',
  'successThreshold': 1,
  'terminationGracePeriodSeconds': 30,
  'terminationMessagePath': '/dev/termination-log',
  'terminationMessagePolicy': 'File',
  'value': '',
};

/** What admission adds to every pod (token, tolerations), and the construct's address. */
const NOT_COMPARED = new RegExp([
  '^labels\\.cdk8s\\.io/metadata\\.addr$',
  '^spec\\.serviceAccount$',
  '\\.kube-api-access-',
  '/var/run/secrets/kubernetes\\.io/serviceaccount',
  '^spec\\.tolerations\\.node\\.kubernetes\\.io/(not-ready|unreachable)$',
].join('|'));

/** All fields of labels, annotations and spec. JSON in a string counts as its fields. */
export function fieldsOf({ metadata, spec }: KubeObject): Fields {
  const { labels, annotations } = metadata as { labels?: object; annotations?: object };
  return Object.fromEntries(leaves({ labels, annotations, spec }, ''));
}

/** One line of text for each field that differs from the table. */
export function deviations(fields: Fields, gateway: string, writer: Writer): string[] {
  const rows = rowsOf(gateway);
  return [...new Set([...Object.keys(rows), ...Object.keys(fields)])].sort().flatMap(path => {
    const row = rows[path] ?? {};
    const expected = 'both' in row ? row.both : row[writer];
    return show(expected) === show(fields[path]) ? [] : [`${gateway}: ${path}: ${writer} ${show(fields[path])}, in the table ${show(expected)}`];
  });
}

/** All rows of a gateway. */
export function rowsOf(gateway: string): { readonly [path: string]: Row } {
  const rows = Object.entries({ ...DRIFT_TABLE[FIRST], ...DRIFT_TABLE[gateway] });
  return Object.fromEntries(rows.filter((row): row is [string, Row] => row[1] !== null));
}

type Leaf = [path: string, value: unknown];

function leaves(value: unknown, path: string): Leaf[] {
  const inner = typeof value === 'string' && /^\s*[[{]/.test(value) ? JSON.parse(value) as unknown : value;
  if (inner === undefined || inner === null || NOT_COMPARED.test(path) || isDefault(inner, path)) return [];
  if (typeof inner !== 'object' || isFlat(inner)) return [[path, inner]];
  if (Array.isArray(inner)) return inner.flatMap((item: object, i) => entryLeaves(item, path, i));
  return Object.entries(inner).flatMap(([key, item]) => leaves(item, path ? `${path}.${key}` : key));
}

const IDENTITIES = ['mountPath', 'name', 'containerPort', 'path', 'key'];

/** A list entry's path has its key, such as the name. An entry with only a key still gives a row. */
function entryLeaves(item: object, path: string, i: number): Leaf[] {
  const [key, name = i] = Object.entries(item).find(([candidate]) => IDENTITIES.includes(candidate)) ?? [];
  const at = `${path}.${name}`;
  const found = leaves(Object.fromEntries(Object.entries(item).filter(([field]) => field !== key)), at);
  return found.length > 0 || NOT_COMPARED.test(at) ? found : [[at, {}]];
}

function isDefault(value: unknown, path: string): boolean {
  return Object.entries(DEFAULTS).some(([end, by]) => `.${path}`.endsWith(`.${end}`) && show(value) === show(by));
}

/** True for an empty object, and for a list of plain values, which is compared as a whole. */
function isFlat(value: object): boolean {
  return Object.keys(value).length === 0 || Array.isArray(value) && value.every(item => typeof item !== 'object');
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
