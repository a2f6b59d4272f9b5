// configuration text → ConfigMap, mounts, and a checksum that rolls the pods when the text changes
import { createHash } from 'crypto';
import { Lazy } from 'cdk8s';
import { ConfigMap, EmptyDirMedium, Volume } from 'cdk8s-plus-27';
import type { VolumeMount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Labels } from './names';

/** Kubernetes does not restart pods when a ConfigMap changes; an annotation of the template does. */
const CHECKSUM_ANNOTATION = 'cdk8s-istio-edge/config-checksum';

/** Readable by all, executable by none: keepalived skips a configuration file with an execute bit, silently. */
const FILE_MODE = 0o644;

/** Text by file name below `/etc`. */
export type Files = { readonly [fileName: string]: string };

export interface ConfigMountProps {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly fileNames: string[];
  /** Called at synthesis, when nothing can be added any more. */
  readonly files: () => Files;
}

/** Files of a construct, each mounted by subPath at `/etc/<file name>`. */
export class ConfigMount {
  public readonly configMap: ConfigMap;
  public readonly mounts: VolumeMount[];
  /** For the pod template. */
  public readonly checksum: Labels;

  constructor(scope: Construct, props: ConfigMountProps) {
    const { name, namespace, labels, annotations, fileNames } = props;
    const files = once(props.files);
    this.configMap = new ConfigMap(scope, 'ConfigMap', {
      metadata: { name, namespace, labels: { ...labels }, annotations: { ...annotations } },
      data: Object.fromEntries(fileNames.map(fileName => [fileName, atSynthesis(() => files()[fileName])])),
    });
    const volume = Volume.fromConfigMap(scope, 'ConfigVolume', this.configMap, { name: 'config', defaultMode: FILE_MODE });
    this.mounts = fileNames.map(fileName => ({ path: `/etc/${fileName}`, subPath: fileName, volume, readOnly: true }));
    this.checksum = { [CHECKSUM_ANNOTATION]: atSynthesis(() => checksumOf(files())) };
  }
}

/** Writable directories of a pod whose root is read-only: in memory, empty at its start. */
export function scratchMounts(scope: Construct, directories: string[]): VolumeMount[] {
  return directories.map(path => {
    const name = path.replace(/^\//, '').replace(/\//g, '-');
    return { path, volume: Volume.fromEmptyDir(scope, `ScratchVolume-${name}`, name, { medium: EmptyDirMedium.MEMORY }) };
  });
}

/** cdk8s resolves such a value wherever it stands, as it does its own. */
function atSynthesis(produce: () => string): string {
  return Lazy.any({ produce }) as string;
}

function once<T>(produce: () => T): () => T {
  let value: T | undefined;
  return () => value ??= produce();
}

function checksumOf(files: Files): string {
  const hash = createHash('sha256');
  for (const fileName of Object.keys(files).sort()) {
    hash.update(`${fileName}\0${files[fileName]}\0`);
  }
  return hash.digest('hex');
}
