// hostile values in every place of the API: a coded error and nothing written, or data where the value belongs
import * as fc from 'fast-check';
import { describePlace, PLACES } from './hostile-places';
import type { Place } from './hostile-places';
import { outcomeOf } from './hostile-program';
import { SHAPES, TEXTS } from './hostile-values';
import type { Reading } from '../support/kubernetes-reader';
import { readByKubernetes } from '../support/kubernetes-reader';
import { readByParsers } from '../support/parser-reader';

// an id, and so a path, may have a bracket
const CODED = /^\s*(\[[^]+\] )?[a-z]+(-[a-z]+)+: |^Validation failed with the following errors:$/;

/** Harmless values of many kinds, none a part of anything else: the first that a place takes and writes stands for its data. */
const MARKERS = ['marker-7x', 'marker-7x.example.com', '192.0.2.77', '2001:db8::77', '10.77.0.0/16', '/marker-7x', '1.77.7', 'marker.example.com:7077', '340', 'edge-1'];

/** Names of objects are made from hosts and Secrets: without their dots and dashes, and with a checksum. */
const NAME = /\/(metadata\/name|gateways\/\d+) = /;
const bare = (text: string) => text.replace(/-([0-9a-f]{8}|[0-9a-f]{10})\b/g, '').replace(/[-.]/g, '');

/** ConfigMaps and the annotation of pods have a checksum of the configuration. */
const CHECKSUM = /\b[0-9a-f]{64}\b|-[0-9a-f]{10}\b/g;

/** What a case found. `fault` is empty if all is well. */
export interface Verdict {
  readonly what: string;
  readonly kind: 'refused' | 'data' | 'unwritten';
  readonly fault: string;
}

/** As many cases as wanted: half of them shapes, half texts. Kubernetes' parser reads all manifests in one call. */
export function hostileVerdicts(cases: number, seed: number): Verdict[] {
  const choose = <T>(places: readonly Place[], values: readonly T[], numRuns: number) =>
    fc.sample(fc.tuple(fc.constantFrom(...places), fc.constantFrom(...values)), { seed, numRuns });
  const shapes = choose(PLACES, Object.keys(SHAPES), Math.floor(cases / 2)).map(([place, name]) => shapeVerdict(place, name));
  const texts = choose(PLACES.filter(({ type }) => type === 'string'), TEXTS, Math.ceil(cases / 2)).map(([place, text]) => textCase(place, text));
  const written = texts.filter(found => 'marked' in found);
  return [...shapes, ...texts.filter(found => 'kind' in found), ...judge(written)];
}

function shapeVerdict(place: Place, name: string): Verdict {
  const { error } = outcomeOf(place, SHAPES[name]());
  return { what: `${name} at ${describePlace(place)}`, kind: error === '' ? 'unwritten' : 'refused', fault: faultOf(error) };
}

/** Each line of an error has a code, after a path that may have lines itself. */
function faultOf(error: string): string {
  return error.replace(/\[edge[^]*?\] (?=[a-z]+(-[a-z]+)+: )/g, '').split('\n').every(line => line === '' || CODED.test(line)) ? '' : `an error without a code: ${error}`;
}

interface Written {
  readonly what: string;
  readonly given: string;
  readonly marker: string;
  readonly text: string;
  readonly marked: string;
}

function textCase(place: Place, given: string): Verdict | Written {
  const what = `${JSON.stringify(given).slice(0, 80)} at ${describePlace(place)}`;
  const { text, error } = outcomeOf(place, given);
  // names are made from an id, which does not appear itself
  const marked = place.path[0] === 'id' ? undefined : markedOf(place);
  return error !== '' || marked === undefined ? { what, kind: error === '' ? 'unwritten' : 'refused', fault: faultOf(error) } : { what, given, text, ...marked };
}

const markedPlaces = new Map<Place, Pick<Written, 'marker' | 'marked'> | undefined>();

/** What the program writes with a marker in the place. Undefined: no marker is written. */
function markedOf(place: Place): Pick<Written, 'marker' | 'marked'> | undefined {
  if (!markedPlaces.has(place)) {
    const outcomes = MARKERS.map(marker => ({ marker, marked: outcomeOf(place, marker).text }));
    // every program has the port 340 and the node edge-1, wherever the value is not written
    const isWritten = (text: string, index: number) => outcomes.slice(0, index).every(({ marked }) => marked !== text);
    const found = outcomes.find(({ marker, marked }, index) => marked.includes(marker) && isWritten(marked, index));
    markedPlaces.set(place, found);
  }
  return markedPlaces.get(place);
}

function judge(written: Written[]): Verdict[] {
  const readings = written.length === 0 ? [] : withInner(readByKubernetes(written.flatMap(({ text, marked }) => [text, marked])));
  return written.map(({ what, given, marker }, index) => ({ what, kind: 'data', fault: difference(readings[2 * index], readings[2 * index + 1], given, marker) }));
}

/** Texts in a ConfigMap that crossplane or config-parser read. */
const PARSED: { readonly [file: string]: 'haproxy' | 'nginx' } = { 'front-haproxy.cfg': 'haproxy', 'front-nginx.conf': 'nginx', 'keepalived-metrics.conf': 'nginx' };

/** istiod's overlays, and Envoy's bootstrap, are YAML in a ConfigMap: the same parser reads them. Other parsers read the texts of HAProxy and nginx. */
function withInner(readings: Reading[]): Reading[] {
  const data = readings.flatMap(({ objects }) => objects.filter(({ kind }) => kind === 'ConfigMap').map(object => object.data));
  const parsed = data.flatMap(texts => Object.keys(texts).filter(key => key in PARSED).map(key => ({ texts, key })));
  const answers = parsed.length === 0 ? [] : readByParsers(parsed.map(({ texts, key }) => ({ engine: PARSED[key], text: texts[key] })));
  parsed.forEach(({ texts, key }, index) => {
    const { sections = [], directives, error } = answers[index];
    // in any order, with names that contain the value
    texts[key] = { error, directives, ...Object.fromEntries(sections.map(({ kind, name, ...content }) => [`${kind} ${name}`, content])) };
  });
  const places = data.flatMap(texts => Object.keys(texts).filter(key => !/\.(cfg|conf|json|pl|sh|nft|txt)$/.test(key)).map(key => ({ texts, key })));
  const inner = places.length === 0 ? [] : readByKubernetes(places.map(({ texts, key }) => texts[key]));
  places.forEach(({ texts, key }, index) => {
    texts[key] = inner[index].error === '' ? inner[index].objects : texts[key];
  });
  return readings;
}

/** With the marker replaced, both must be the same objects: no text may add, end or change another value. */
function difference(given: Reading, marked: Reading, text: string, marker: string): string {
  if (given.error !== '') {
    return `Kubernetes refuses the manifest: ${given.error}`;
  }
  // a prefix gets one slash at its end, and `/` has it
  const ended = (leaf: string) => text === '/' ? leaf.replace(/ = \/\/$/, ' = /') : leaf;
  const replaced = leaves(marked.objects)
    .map(leaf => NAME.test(leaf) ? bare(leaf).split(bare(marker)).join(bare(text)) : ended(leaf.split(marker).join(text)));
  const read = leaves(given.objects).map(leaf => NAME.test(leaf) ? bare(leaf) : leaf);
  const [found, expected] = [read, replaced].map(all => all.map(leaf => leaf.replace(CHECKSUM, '')).sort());
  const unexpected = found.filter(leaf => !expected.includes(leaf));
  const missing = expected.filter(leaf => !found.includes(leaf));
  return unexpected.length + missing.length === 0 ? '' : `found ${unexpected.slice(0, 3).join(', ').slice(0, 300)} instead of ${missing.slice(0, 3).join(', ').slice(0, 300)}`;
}

/** Path and value of everything in an object that has no members. */
function leaves(value: unknown, path: string = ''): string[] {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`))
    : [`${path} = ${typeof value === 'string' ? value : `${typeof value} ${JSON.stringify(value)}`}`];
}
