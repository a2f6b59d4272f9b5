// what holds for every valid case: it synthesizes, twice to the same bytes, and no two objects have the same name
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { buildEdge } from './valid-edges';
import type { EdgeCase } from './valid-edges';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFleet } from '../../src';

type Files = { readonly [name: string]: string };

/** The files of a case: of an App, and of a fleet with one site. They must have the same bytes. */
export function filesOf(wish: EdgeCase): Files {
  const folder = mkdtempSync(join(tmpdir(), 'valid-'));
  try {
    const app = new App({ outdir: join(folder, 'app') });
    buildEdge(app, wish);
    app.synth();
    const fleet = new EdgeFleet({ outdir: folder });
    fleet.addSite('site', { makeCharts: site => void buildEdge(site, wish) });
    fleet.synth();
    const [files, again] = ['app', 'site'].map(name => read(join(folder, name)));
    const different = [...new Set([...Object.keys(files), ...Object.keys(again)])].filter(name => files[name] !== again[name]);
    if (different.length > 0) throw new Error(`synthesized twice, and these files differ: ${different.join(', ')}`);
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(folder: string): Files {
  return Object.fromEntries(readdirSync(folder).sort().map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The objects of a case. Throws if two have the same name. */
export function manifestsOf(files: Files): Manifest[] {
  const documents = Object.values(files).flatMap(text => parseAllDocuments(text, { version: '1.1' }));
  const manifests: Manifest[] = documents.map(document => document.toJS());
  const names = manifests.map(({ apiVersion, kind, metadata }) => `${apiVersion.replace(/\/.*$/, '')} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  if (twice.length > 0) throw new Error(`several objects have one name: ${twice.join(', ')}`);
  return manifests;
}
