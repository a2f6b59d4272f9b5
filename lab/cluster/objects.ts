// Kubernetes objects, read from and written to YAML

import { parseAllDocuments, stringify } from 'yaml';

/** The fields of a Kubernetes object that the lab reads. */
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
