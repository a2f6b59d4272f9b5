// blocks of the pages that are generated from the examples, or from the page's own program: a marker says from what, and UPDATE_GOLDEN=1 rewrites the block below it
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { parseAllDocuments, stringify } from 'yaml';
import { edgesOf, synthesizedManifests } from './support/examples';
import { filesOfSnippet } from './support/page-program';
import type { Manifest } from '../sandbox/synth';
import { nameOf } from '../sandbox/synth';

const ROOT = join(__dirname, '..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)];
const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** A marker, and the block below it. */
const BLOCK = /^<!-- generated: ([^\n]*) -->\n\n```(\w+)\n((?:(?!```)[^\n]*\n)*)```$/gm;

/** The value at `spec.template.spec` or `data.keepalived.conf`. A key can have dots. */
function valueAt(object: Manifest, path: string): Manifest {
  const [key] = Object.keys(object).filter(one => path === one || path.startsWith(`${one}.`)).sort((one, other) => other.length - one.length);
  if (key === undefined) {
    throw new Error(`no field ${path} in ${JSON.stringify(object).slice(0, 200)}`);
  }
  return path === key ? object[key] : valueAt(object[key], path.slice(key.length + 1));
}

/** The value without these fields, on every level. */
function without(value: Manifest, fields: string[]): Manifest {
  if (Array.isArray(value)) {
    return value.map(item => without(item, fields));
  }
  return typeof value !== 'object' || value === null ? value
    : Object.fromEntries(Object.entries(value).filter(([key]) => !fields.includes(key)).map(([key, item]) => [key, without(item, fields)]));
}

/** `example`: the name of one, or `this page` or a file in `dist/` of the page's program. */
function manifestsOf(example: string, text: string): Manifest[] {
  if (!example.startsWith('this page') && !example.endsWith('.yaml')) return synthesizedManifests(example);
  const written = Object.entries(filesOfSnippet(text)).filter(([path]) => path === example || example === 'this page');
  return written.flatMap(([, yaml]) => parseAllDocuments(yaml).map(document => document.toJS()));
}

/**
 * `ha-edge, picture`, or `ha-edge, DaemonSet edge-front-envoy, spec.template.spec, without env volumes`.
 * `this page, PodMonitor edge-vip, spec`: of the page's first snippet; `store-0042/edge.k8s.yaml, …`: of one of its files.
 * `this page, files`: the names of its files. A text of a ConfigMap is printed as it is; anything else is YAML.
 */
function generate(marker: string, text: string): string {
  const [example, what, path, fields = ''] = marker.split(', ');
  if (what === 'picture') {
    return edgesOf(example)[0].toMermaid();
  }
  if (what === 'files') {
    return Object.keys(filesOfSnippet(text)).map(file => `dist/${file}\n`).join('');
  }
  const found = manifestsOf(example, text).filter(manifest => `${manifest.kind} ${nameOf(manifest)}` === what);
  if (found.length !== 1) {
    throw new Error(`${found.length} objects ${what} in ${example}, not one`);
  }
  const value = without(valueAt(found[0], path), fields.replace(/^without /, '').split(' '));
  return typeof value === 'string' ? value : stringify(value, { lineWidth: 0 });
}

const CACHE = new Map<string, string>();

function generated(marker: string, page: string): string {
  const key = `${page}, ${marker}`;
  const known = CACHE.get(key) ?? generate(marker, textOf(page));
  CACHE.set(key, known);
  return known.endsWith('\n') ? known : `${known}\n`;
}

const pages = PAGES.filter(page => textOf(page).includes('<!-- generated: '));

test.each(pages)('%s has what the examples write today', page => {
  const written = textOf(page);
  const current = written.replace(BLOCK, (_, marker, language) => `<!-- generated: ${marker} -->\n\n\`\`\`${language}\n${generated(marker, page)}\`\`\``);
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(join(ROOT, page), current);
  }
  expect(written).toBe(current);
});

test('every picture of an edge is generated, and every marker has a block', () => {
  const markers = pages.flatMap(page => [...textOf(page).matchAll(/^<!-- generated: /gm)]);
  const blocks = pages.flatMap(page => [...textOf(page).matchAll(BLOCK)]);
  expect(blocks).toHaveLength(markers.length);
  // others draw the way of a packet, or questions
  const pictures = PAGES.flatMap(page => [...textOf(page).matchAll(/^```mermaid\n[^`]*\bclients\(\[/gm)]);
  expect(blocks.filter(([, marker]) => marker.endsWith(', picture'))).toHaveLength(pictures.length);
});
