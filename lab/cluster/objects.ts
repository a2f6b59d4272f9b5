// Kubernetes objects, and the YAML that they are read from and written to

import { parseAllDocuments, stringify } from 'yaml';

/** A Kubernetes object, as far as the lab looks into one. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: { [key: string]: string } };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [field: string]: any;
}

export function readObjects(text: string): KubeObject[] {
  return parseAllDocuments(text).map(document => document.toJS() as KubeObject | null).filter((object): object is KubeObject => object !== null);
}

export function writeObjects(objects: object[]): string {
  return objects.map(object => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
}
