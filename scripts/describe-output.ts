// prints an example's objects, and the path of a connection through them
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { parseAllDocuments } from 'yaml';

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

const ofKind = (kind: string) => manifests.filter(manifest => manifest.kind === kind);
const named = (part: RegExp) => manifests.find(({ kind, metadata }) => /^(DaemonSet|Deployment)$/.test(kind) && part.test(metadata.name));

function describe({ kind, metadata, spec, data }: Manifest): string {
  const image = spec?.template?.spec.containers[0].image;
  const detail = image ?? (data && Object.keys(data).join(', ')) ?? spec?.hosts?.join(', ') ?? '';
  return `  ${kind.padEnd(22)}${metadata.name.padEnd(30)}${detail}`;
}

function topology(): string {
  const hosts = ofKind('VirtualService').flatMap(({ spec }) => spec?.hosts ?? []).join(', ');
  const addresses = ofKind('ConfigMap').flatMap(({ data }) => [...(data?.['keepalived.conf'] ?? '').matchAll(/^ +(\S+)\/(?:32|128)$/gm)].map(match => match[1]));
  const stations = [
    `client (${hosts})`,
    addresses.length > 0 ? `${addresses.join(', ')} (${named(/-vip$/)?.metadata.name})` : 'the node\'s own address',
    named(/-front-/)?.metadata.name,
    named(/-gateway$/)?.metadata.name ?? 'the adopted gateway',
    'service',
  ];
  return stations.filter(station => station !== undefined).join(' → ');
}

console.log(`\n${manifests.length} objects in ${dist}:\n${manifests.map(describe).join('\n')}`);
console.log(`\n${topology()}\n\nnext: kubectl apply --server-side -f ${dist}/`);
