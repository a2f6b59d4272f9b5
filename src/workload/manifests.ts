// finds objects that the API server would refuse or misread, before any file is written
import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { checkLater } from './at-synthesis';
import { Registry } from '../nodes/registry';
import type { Problem } from '../validation/problem';
import { checkText, isPlainText } from '../validation/texts';
import { checkAnnotationsSize, checkThat } from '../validation/values';

type Data = { readonly [key: string]: string };

interface Metadata {
  readonly annotations?: { [key: string]: string };
}

/** An object as it is written, with the fields that the checks read. */
interface Manifest {
  readonly metadata: Metadata;
  readonly data?: Data;
  readonly spec?: { readonly template?: { readonly metadata?: Metadata } };
}

/** Values of a ConfigMap. @see https://kubernetes.io/docs/concepts/configuration/configmap/#motivation */
const LARGEST_CONFIG_MAP_BYTES = 1024 * 1024;

/** etcd accepts 1.5 MiB a request, and the API server adds managed fields to the object. @see https://etcd.io/docs/v3.6/dev-guide/limit/ */
const LARGEST_OBJECT_BYTES = 1_400_000;

/**
 * Resolves the objects before cdk8s does. An error in cdk8s's own run would leave the files of earlier charts behind.
 *
 * cdk8s validates the whole App once, and again for each chart. Objects are checked again only after a call of this library has
 * changed something in the App. A user's patch after the first synthesis is not checked.
 */
export function checkAtSynthesis(claimant: IConstruct, objects: ApiObject[]): void {
  const registry = Registry.of(claimant);
  let checked: { readonly revision: number; readonly problems: Problem[] } | undefined;
  checkLater(claimant, () => {
    const { revision } = registry;
    if (checked?.revision !== revision) {
      checked = { revision, problems: objects.flatMap(checkObject) };
    }
    return checked.problems;
  });
}

function checkObject(object: ApiObject): Problem[] {
  const title = `${object.kind} ${object.name}`;
  try {
    const manifest: Manifest = object.toJson();
    return [...checkTexts(title, manifest), ...checkSizes(title, manifest)];
  } catch (error) {
    return [{ code: 'object-unwritable', what: `${title} cannot be written: ${(error as Error).message}`, fix: 'correct the value that the message names' }];
  }
}

/** Checks keys and texts at any depth, also in chart labels and in patches of users. */
function checkTexts(title: string, value: unknown): Problem[] {
  if (typeof value === 'string') {
    return isPlainText(value) ? [] : checkText(title, value);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => [
    ...isPlainText(key) || Array.isArray(value) ? [] : checkText(`key of ${title}`, key),
    ...checkTexts(`${title}, ${key}`, inner),
  ]);
}

function checkSizes(title: string, manifest: Manifest): Problem[] {
  return [
    ...[manifest.metadata, manifest.spec?.template?.metadata].flatMap(metadata => checkAnnotationsSize(`annotations of ${title}`, metadata?.annotations ?? {})),
    ...manifest.data === undefined ? checkObjectSize(title, manifest) : checkDataSize(title, manifest.data),
  ];
}

/** With annotations of the largest size, a ConfigMap that is fine here is smaller than etcd's limit. */
function checkDataSize(title: string, data: Data): Problem[] {
  const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return checkThat(bytes <= LARGEST_CONFIG_MAP_BYTES, {
    code: 'config-map-too-large',
    what: `${title} has more than 1 MiB of text`,
    got: `${bytes} bytes`,
    fix: `expected at most ${LARGEST_CONFIG_MAP_BYTES} bytes: use fewer server names, or wildcards`,
  });
}

function checkObjectSize(title: string, manifest: Manifest): Problem[] {
  const bytes = Buffer.byteLength(JSON.stringify(manifest));
  return checkThat(bytes <= LARGEST_OBJECT_BYTES, {
    code: 'object-too-large',
    what: `${title} is larger than etcd accepts`,
    got: `${bytes} bytes`,
    fix: `expected at most ${LARGEST_OBJECT_BYTES} bytes: expose fewer hosts, or wildcards`,
  });
}
