// configuration text → an immutable ConfigMap named after the text, and its mounts
import { createHash } from 'crypto';
import { Lazy } from 'cdk8s';
import { ConfigMap, EmptyDirMedium, Volume } from 'cdk8s-plus-27';
import type { VolumeMount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { patchName } from './kplus-patches';
import type { Annotations, Labels } from './names';
import { Registry } from '../nodes/registry';

/** Annotation of pods: the whole checksum of their configuration. The name of the ConfigMap has its first digits. */
const CHECKSUM_ANNOTATION = 'cdk8s-istio-edge/config-checksum';

/** 40 bits are enough for the few texts that one construct has. */
const CHECKSUM_DIGITS = 10;

/** Readable, not executable: keepalived silently skips a configuration file that has an execute bit. */
const FILE_MODE = 0o644;

/** Text by file name below `/etc`. */
export type Files = { readonly [fileName: string]: string };

/** Files, and the metadata of the ConfigMap that has them. */
export interface ConfigMountProps {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Annotations;
  /** The texts of now. The file names never change. */
  readonly files: () => Files;
}

/**
 * Files of a construct, each mounted by subPath at `/etc/<file name>`.
 *
 * Each text has a ConfigMap of its own. So pods roll when the text changes, `kubectl rollout undo` brings the old text
 * back, and a pod that is not yet replaced keeps its text. With one name for all texts, a restarted container would get
 * the new text, because the kubelet resolves a subPath again. A broken text would then reach all nodes at once.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
export class ConfigMount {
  public readonly configMap: ConfigMap;
  /** For the pod template. */
  public readonly checksumAnnotation: Annotations;
  private readonly volume: Volume;

  constructor(scope: Construct, { name, namespace, labels, annotations, files }: ConfigMountProps) {
    const texts = untilChange(scope, () => textsOf(files()));
    const currentName = () => `${name}-${texts().checksum.slice(0, CHECKSUM_DIGITS)}`;
    this.configMap = new ConfigMap(scope, 'ConfigMap', {
      immutable: true,
      metadata: { name: atSynthesis(currentName), namespace, labels: { ...labels }, annotations: { ...annotations } },
      data: Object.fromEntries(Object.keys(texts().files).map(file => [file, atSynthesis(() => texts().files[file])])),
    });
    // before patchName(), because the volume copies the name, which must stay unresolved until synthesis
    this.volume = Volume.fromConfigMap(scope, 'ConfigVolume', this.configMap, {
      name: 'config', defaultMode: FILE_MODE,
    });
    patchName(this.configMap, currentName);
    this.checksumAnnotation = { [CHECKSUM_ANNOTATION]: atSynthesis(() => texts().checksum) };
  }

  /** Mounts of these files, for a container. */
  public mountsOf(...fileNames: string[]): VolumeMount[] {
    return fileNames.map(name => ({ path: `/etc/${name}`, subPath: name, volume: this.volume, readOnly: true }));
  }
}

interface Texts {
  readonly files: Files;
  readonly checksum: string;
}

/** Writable directories of a pod whose root is read-only: in memory, empty at its start. */
export function scratchMounts(scope: Construct, directories: string[]): VolumeMount[] {
  return directories.map(path => {
    const name = path.replace(/^\//, '').replace(/\//g, '-');
    const volume = Volume.fromEmptyDir(scope, `ScratchVolume-${name}`, name, { medium: EmptyDirMedium.MEMORY });
    return { path, volume };
  });
}

/** A value that cdk8s resolves at synthesis, anywhere in a manifest. */
function atSynthesis(produce: () => string): string {
  return Lazy.any({ produce }) as string;
}

/** Keeps the value until a call changes something in the App, because one synthesis reads name, checksum and texts a dozen times. */
function untilChange<T>(scope: Construct, make: () => T): () => T {
  const registry = Registry.of(scope);
  let made: { readonly revision: number; readonly value: T } | undefined;
  return () => {
    const { revision } = registry;
    if (made?.revision !== revision) {
      made = { revision, value: make() };
    }
    return made.value;
  };
}

function textsOf(files: Files): Texts {
  return { files, checksum: checksumOf(files) };
}

function checksumOf(files: Files): string {
  const hash = createHash('sha256');
  for (const fileName of Object.keys(files).sort()) {
    hash.update(`${fileName}\0${files[fileName]}\0`);
  }
  return hash.digest('hex');
}
