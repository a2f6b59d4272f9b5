// manifests on disk → objects
import { existsSync, readdirSync, readFileSync, statSync } from 'fs';
import { join } from 'path';
import { parseAllDocuments } from 'yaml';
import { isObject, KubeObject } from './objects';

/** The input cannot be read. */
export class UnreadableManifests extends Error {}

/** All objects of these files and folders. Folders are read with their subfolders; lists are taken apart. */
export function readManifests(paths: readonly string[]): KubeObject[] {
  const files = paths.flatMap(filesAt);
  const objects = files.flatMap(objectsIn);
  if (objects.length === 0) {
    throw new UnreadableManifests(`${paths.join(' ')}: no manifests found; run \`npx cdk8s synth\` first, and give the folder that it writes`);
  }
  return objects;
}

function filesAt(path: string): string[] {
  if (!existsSync(path)) {
    throw new UnreadableManifests(`${path}: no such file or folder; run \`npx cdk8s synth\` first, and give the folder that it writes`);
  }
  return statSync(path).isDirectory() ? readdirSync(path).sort().flatMap(name => below(path, name)) : [path];
}

function below(folder: string, name: string): string[] {
  const path = join(folder, name);
  return statSync(path).isDirectory() || /\.(ya?ml|json)$/.test(name) ? filesAt(path) : [];
}

function objectsIn(file: string): KubeObject[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  const errors = documents.flatMap(document => document.errors);
  if (errors.length > 0) {
    throw new UnreadableManifests(`${file}: not valid YAML: ${errors[0].message}`);
  }
  return documents.map(document => document.toJS()).flatMap(value => value?.kind === 'List' ? value.items : [value]).filter(isObject);
}
