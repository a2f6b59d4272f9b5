// prints an example's objects, and the picture of its edge
import { readdirSync, readFileSync } from 'fs';
import { join, resolve } from 'path';
import { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { MeshEdge } from 'cdk8s-istio-edge';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly hosts?: string[]; readonly template?: { readonly spec: { readonly containers: { readonly image: string }[] } } };
  readonly data?: { readonly [file: string]: string };
}

const example = process.argv[2];
const dist = join(example, 'dist');
const manifests = readdirSync(dist).sort()
  .flatMap(file => parseAllDocuments(readFileSync(join(dist, file), 'utf8')).map(document => document.toJS() as Manifest));

function describe({ kind, metadata, spec, data }: Manifest): string {
  const image = spec?.template?.spec.containers[0].image;
  const detail = image ?? (data && Object.keys(data).join(', ')) ?? spec?.hosts?.join(', ') ?? '';
  return `  ${kind.padEnd(22)}${metadata.name.padEnd(30)}${detail}`;
}

/** Runs the program again, and reads its edges instead of writing them. */
function pictures(): string[] {
  let found: string[] = [];
  App.prototype.synth = function (this: App) {
    found = this.node.findAll().flatMap(construct => construct instanceof MeshEdge ? [construct.toMermaid()] : []);
  };
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  require(resolve(example, 'main'));
  return found;
}

console.log(`\n${manifests.length} objects in ${dist}:\n${manifests.map(describe).join('\n')}`);
console.log(`\nedge.toMermaid() draws it, for example on https://mermaid.live:\n\n${pictures().join('\n')}`);
console.log(`next: kubectl apply --server-side -f ${dist}/`);
