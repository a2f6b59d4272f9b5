// Istio's own programs and manifests: too much to build here, so whoever has them says where, in ISTIO_BIN_DIR

import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, produce, stampOf } from './cache';
import { run } from './commands';
import { Progress } from './progress';

/** What the examples name; the files carry it in their names. */
export const ISTIO_VERSION = '1.31.0';

/** The same programs under another tag: what an upgrade changes in the library's output. */
export const ISTIO_NEXT_VERSION = '1.31.1';

const SOURCE = process.env.ISTIO_BIN_DIR;

/** Why scenarios that need Istio are skipped. */
export const WITHOUT_ISTIO = 'the lab was started without ISTIO_BIN_DIR, see lab/README.md';

/** Name in the cache → name in ISTIO_BIN_DIR. */
const FILES = {
  'pilot-discovery': `pilot-discovery-${ISTIO_VERSION}.xz`,
  'pilot-agent': `pilot-agent-${ISTIO_VERSION}.xz`,
  'envoy_bootstrap_tmpl.json': 'envoy_bootstrap_tmpl.json',
  'crds.yaml': `crds-${ISTIO_VERSION}.yaml`,
  'istiod.yaml': `istiod-${ISTIO_VERSION}-rendered.yaml`,
};

export type IstioFile = keyof typeof FILES;

/** The folder with the unpacked files; none when nobody said where they are. */
export async function unpackIstio(progress: Progress): Promise<string | undefined> {
  if (!SOURCE) return undefined;
  const from = Object.entries(FILES).map(([name, file]) => ({ name, file: join(SOURCE, file) }));
  const missing = from.filter(({ file }) => !existsSync(file)).map(({ file }) => file);
  if (missing.length > 0) throw new Error(`ISTIO_BIN_DIR lacks files that lab/README.md names: ${missing.join(', ')}`);
  const hash = hashOf(...from.map(({ name, file }) => `${name} ${stampOf(file)}`));
  return produce('istio', hash, folder => progress.stage(`unpack Istio ${ISTIO_VERSION}`, async () => {
    for (const { name, file } of from) {
      if (file.endsWith('.xz')) await run(['bash', '-c', 'xz -dc "$1" >"$2"', 'unpack', file, join(folder, name)]);
      else copyFileSync(file, join(folder, name));
    }
  }));
}
