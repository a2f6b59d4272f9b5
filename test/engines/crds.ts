// the API server's check of an object: the schema of its CRD, without unknown fields
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import Ajv from 'ajv';
import type { ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { enginesFolder } from '../../sandbox/engines';
import type { Manifest } from '../../sandbox/synth';
import { skipped } from '../support/describe-engine';

export type CrdSet = 'istio' | 'istio-1.32' | 'gateway-api-1.6-standard' | 'gateway-api-1.5-standard' | 'gateway-api-1.4-experimental' | 'cert-manager';

/** Problems of an object; one that no CRD of the set describes has one. */
export type CrdVerdict = (object: Manifest) => string[];

/** `describe` when the CRDs are installed; otherwise one suite that is reported as skipped. */
export function describeCrds(set: CrdSet, body: (verdict: CrdVerdict) => void): void {
  const file = fileOf(set);
  if (file) {
    describe(`the CRDs ${set}`, () => body(verdictOf(file)));
  } else {
    skipped(`the CRDs ${set} are not installed: their verdict is skipped`);
  }
}

function fileOf(set: CrdSet): string | undefined {
  const folder = join(enginesFolder(), 'crds');
  try {
    return readdirSync(folder).filter(name => name.startsWith(`${set}-v`)).map(name => join(folder, name)).pop();
  } catch {
    return undefined;
  }
}

function verdictOf(file: string): CrdVerdict {
  const validators = new Map<string, ValidateFunction>();
  // rules in CEL (x-kubernetes-validations) are the API server's own: the lab has one
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
  for (const { spec } of parseAllDocuments(readFileSync(file, 'utf8')).map(document => document.toJS()).filter(crd => crd)) {
    for (const version of spec.versions.filter(({ served }: Manifest) => served)) {
      const schema = version.schema.openAPIV3Schema;
      const root = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
      validators.set(`${spec.group}/${version.name} ${spec.names.kind}`, ajv.compile(closed({ ...schema, properties: { ...schema.properties, ...root } }, ['metadata'])));
    }
  }
  return object => {
    const validator = validators.get(`${object.apiVersion} ${object.kind}`);
    if (!validator) {
      return [`no CRD for ${object.apiVersion} ${object.kind}`];
    }
    return validator(object) ? [] : validator.errors!.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  };
}

/**
 * Structural schemas say all fields there are; the API server drops others silently, and `kubectl --validate=strict`
 * refuses them.
 */
function closed(schema: Manifest, open: string[] = []): Manifest {
  const { properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(items && { items: closed(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, open.includes(name) ? value : closed(value)])),
      additionalProperties: Boolean(schema['x-kubernetes-preserve-unknown-fields']),
    }),
    ...(additionalProperties && { additionalProperties: closed(additionalProperties) }),
  };
}
