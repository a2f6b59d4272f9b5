// makes the README's picture: a headless browser on the client opens a service through the virtual IP and a real Istio

import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './cluster/cluster';
import { run } from './cluster/commands';
import { needPackages } from './cluster/host';
import { keyFile, WEB_CERTIFICATE } from './cluster/keys';
import { Progress } from './cluster/progress';
import { Edges } from './edge/edges';
import { HA_EDGE } from './edge/examples';

const BROWSER = '/usr/bin/chromium-headless-shell';
const PACKAGES = { [BROWSER]: 'chromium-headless-shell', '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf': 'fonts-dejavu-core' };
const HOST = 'shop.example.com';
const FOLDER = join(__dirname, '../docs/images');

/** Opens the http:// URL, as people type it, so that the picture includes the redirect. */
export async function screenshot(cluster: Cluster, progress: Progress): Promise<boolean> {
  await needPackages(progress, PACKAGES);
  const edges = new Edges(cluster, progress);
  await edges.sweep();
  const { example: { address } } = await edges.useWithIstio(HA_EDGE);
  const file = join(FOLDER, 'shop.png');
  mkdirSync(FOLDER, { recursive: true });
  await progress.stage('docs/images/shop.png', () => photograph(cluster, address, file));
  await edges.clear();
  return true;
}

async function photograph(cluster: Cluster, address: string, file: string): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'lab-browser-'));
  const browser = [
    BROWSER, '--no-sandbox', '--no-proxy-server', `--user-data-dir=${profile}`, '--hide-scrollbars', '--window-size=800,220',
    `--host-resolver-rules=MAP ${HOST} ${address}`, `--ignore-certificate-errors-spki-list=${publicKeyHash()}`, `--screenshot=${file}`, `http://${HOST}/`,
  ];
  try {
    await run(cluster.client.inNetwork(browser));
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Hash of the web certificate's key, which the browser trusts: it does not know the lab's authority. */
function publicKeyHash(): string {
  const { publicKey } = new X509Certificate(readFileSync(keyFile(`${WEB_CERTIFICATE}.crt`)));
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
}
