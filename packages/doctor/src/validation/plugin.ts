// the validation plugin of `cdk8s synth`
import { dirname } from 'path';
import { podsOf } from './pods';
import { Manifests, Violation } from './rule';
import { RULES } from './rules';
import { edgeOf } from '../edge/edge';
import { isObject, KubeObject, nameOf } from '../edge/objects';

const PAGE = 'https://github.com/cdk8s-istio-edge/cdk8s-istio-edge/blob/main/docs/validation.md';

/** What `validations` of cdk8s.yaml can set. */
export interface EdgeValidationProperties {
  /** Rules to leave out, everywhere (`host-network-dns`) or for one object (`host-network-dns DaemonSet monitoring/node-exporter`). */
  readonly ignore?: readonly string[];
  /** Version of the cluster's Istio, such as `1.30`. By default, that of a gateway in the manifests. */
  readonly istioVersion?: string;
  /** Whether each folder is for a cluster of its own, as `EdgeFleet` writes them. By default, all manifests are for one cluster. */
  readonly clusterPerFolder?: boolean;
}

/** What this plugin uses of the context that cdk8s-cli gives it. */
export interface Context {
  readonly manifests: readonly string[];
  readonly report: {
    addViolation(violation: {
      ruleName: string; recommendation: string; fix: string;
      violatingResources: { resourceName: string; locations: string[]; manifestPath: string }[];
    }): void;
    submit(status: 'success' | 'failure', metadata?: { [key: string]: string }): void;
  };
  parseManifest(path: string): unknown[];
}

/** A violation with the name of its rule. */
export interface Broken extends Violation {
  readonly rule: string;
}

/** Reads the manifests that `cdk8s synth` has written, and reports what would not work in a cluster. */
export class EdgeValidation {
  private readonly ignored: readonly string[];

  constructor(private readonly properties: EdgeValidationProperties = {}) {
    const { ignore = [], ...rest } = properties;
    const unknown = Object.keys(rest).filter(key => key !== 'istioVersion' && key !== 'clusterPerFolder');
    if (unknown.length > 0) {
      throw new Error(`unknown property ${unknown.join(', ')} of EdgeValidation; allowed are ignore, istioVersion and clusterPerFolder`);
    }
    const names = RULES.map(({ name }) => name);
    const wrong = ignore.filter(entry => !names.includes(String(entry).split(' ')[0]));
    if (wrong.length > 0) {
      throw new Error(`unknown rule in the property ignore of EdgeValidation, got ${wrong.join(', ')}; the rules are ${names.join(', ')}`);
    }
    this.ignored = ignore;
  }

  /** Called by cdk8s-cli. */
  public async validate(context: Context): Promise<void> {
    const { manifests, report } = context;
    const files = new Map(manifests.flatMap(file => context.parseManifest(file).flatMap(itemsOf).map(object => [object, file] as const)));
    const broken = this.clustersOf(files).flatMap(objects => this.examine(objects));
    broken.forEach(({ rule, what, places, fix }) => report.addViolation({
      ruleName: rule,
      recommendation: what,
      fix: `${fix}. See ${PAGE}#${rule}`,
      violatingResources: places.map(({ object, location }) => ({
        resourceName: object.metadata.name, locations: [`${nameOf(object)}: ${location}`], manifestPath: files.get(object)!,
      })),
    }));
    report.submit(broken.length > 0 ? 'failure' : 'success', { Rules: String(RULES.length) });
  }

  private clustersOf(files: ReadonlyMap<KubeObject, string>): KubeObject[][] {
    const objects = [...files.keys()];
    if (this.properties.clusterPerFolder !== true) {
      return [objects];
    }
    const folderOf = (object: KubeObject) => dirname(files.get(object)!);
    return [...new Set(objects.map(folderOf))].map(folder => objects.filter(object => folderOf(object) === folder));
  }

  /** What is broken in these objects of one cluster. */
  public examine(objects: readonly KubeObject[]): Broken[] {
    const edge = edgeOf(objects);
    const manifests: Manifests = { ...edge, pods: podsOf(objects, edge.workloads), istioVersion: this.properties.istioVersion };
    return RULES.flatMap(({ name, find }) => this.ignored.includes(name) ? [] : find(manifests).map(violation => ({ rule: name, ...violation })))
      .filter(({ rule, places }) => !places.some(({ object }) => this.ignored.includes(`${rule} ${nameOf(object)}`)));
  }
}

/** The objects of one document of a file. */
function itemsOf(document: unknown): KubeObject[] {
  const items = (document as { kind?: string; items?: unknown[] } | null)?.kind === 'List' ? (document as { items: unknown[] }).items : [document];
  return items.filter(isObject);
}
