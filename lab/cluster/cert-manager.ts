// a real cert-manager, and a real ACME server (Pebble) on a machine without pods

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCertManager } from './build';
import { Cluster } from './cluster';
import { after, run, succeeds, undoAll, until } from './commands';
import type { ImageRecipe } from './image-table';
import { LAB_HOST, LAB_TAG } from './image-table';
import { importProgram } from './images';
import { ACME_SERVER, keyFile, kubeconfigOf } from './keys';
import { kill, Machine } from './machine';
import { Progress } from './progress';
import { CONTROL_PLANE_ADDRESS } from './topology';

/** Of the machine with the ACME server. */
const ADDRESS = CONTROL_PLANE_ADDRESS.ipv4;
const ACME_PORT = 14_000;
const MANAGEMENT_PORT = 15_000;
const DNS_PORT = 8053;
const METRICS = '127.0.0.1:9402';
/** The name of each program has at most 15 characters in /proc. */
const PROGRAMS = { controller: 'controller', acme: 'pebble', dns: 'pebble-challtes' };

/** How long Pebble's certificates are valid. cert-manager renews at the earliest five minutes before the end. */
const VALID_SECONDS = 330;

/** The ACME server's directory. */
export const ACME_DIRECTORY = `https://${ADDRESS}:${ACME_PORT}/dir`;

export class CertManager {
  /** Starts both, with CRDs. For both, every name leads to this address. */
  public static async start(cluster: Cluster, progress: Progress, address: string): Promise<CertManager> {
    const folder = await buildCertManager(progress);
    await importProgram(cluster.node('worker-1'), solverRecipe(folder), progress);
    await cluster.kubectl(['apply', '--server-side', '-f', join(folder, 'crds')], { seconds: 60 });
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'], { seconds: 70 });
    const certManager = new CertManager(cluster, folder);
    certManager.startAcme(address);
    certManager.startController();
    const ready = async () => await succeeds(certManager.curl(ACME_DIRECTORY)) && succeeds(certManager.metricsCommand());
    await after(() => until('cert-manager and Pebble answer', 60, ready), () => certManager.stop());
    return certManager;
  }

  private constructor(private readonly cluster: Cluster, private readonly folder: string) {}

  /** File with the authority that signs Pebble's certificates: a new one in each run. */
  public async authority(): Promise<string> {
    const file = join(this.cluster.controlPlane.folder, 'acme-authority.crt');
    writeFileSync(file, await run(this.curl(`https://${ADDRESS}:${MANAGEMENT_PORT}/roots/0`)));
    return file;
  }

  /** What cert-manager tells Prometheus. */
  public async metrics(): Promise<string> {
    return run(this.metricsCommand());
  }

  /** Ends the programs, and removes the CRDs with their objects. */
  public async stop(): Promise<void> {
    const { controlPlane } = this.cluster;
    await undoAll([
      async () => end(controlPlane, PROGRAMS.dns),
      async () => end(controlPlane, PROGRAMS.acme),
      async () => end(this.cluster.node('worker-1'), PROGRAMS.controller),
      // this is done first: the controller removes its finalizers
      async () => void await this.cluster.kubectl(['delete', '-f', join(this.folder, 'crds'), '--ignore-not-found'], { seconds: 90 }),
    ]);
  }

  /** Pebble validates at once and without delays, as its documentation advises for tests. */
  private startAcme(address: string): void {
    const { controlPlane } = this.cluster;
    const config = join(controlPlane.folder, 'pebble.json');
    writeFileSync(config, JSON.stringify({
      pebble: {
        listenAddress: `${ADDRESS}:${ACME_PORT}`,
        managementListenAddress: `${ADDRESS}:${MANAGEMENT_PORT}`,
        certificate: keyFile(`${ACME_SERVER}.crt`),
        privateKey: keyFile(`${ACME_SERVER}.key`),
        httpPort: 80,
        tlsPort: 443,
        retryAfter: { authz: 1, order: 1 },
        profiles: { default: { description: 'short', validityPeriod: VALID_SECONDS } },
      },
    }));
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''];
    controlPlane.daemon('dns', [
      join(this.folder, 'pebble-challtestsrv'), ...off, '-dnsserver', `${ADDRESS}:${DNS_PORT}`, '-management', '127.0.0.1:8055',
      '-defaultIPv4', address, '-defaultIPv6', '',
    ]);
    controlPlane.daemon('pebble', ['env', 'PEBBLE_VA_NOSLEEP=1', join(this.folder, 'pebble'), '-config', config, '-dnsserver', `${ADDRESS}:${DNS_PORT}`]);
  }

  private startController(): void {
    const { repository } = solverRecipe(this.folder);
    this.cluster.node('worker-1').daemon('cert-manager', [
      join(this.folder, 'controller'), `--kubeconfig=${kubeconfigOf('admin')}`, `--metrics-listen-address=${METRICS}`,
      `--acme-http01-solver-image=${LAB_HOST}/${repository}:${LAB_TAG}`, `--acme-http01-solver-nameservers=${ADDRESS}:${DNS_PORT}`,
    ]);
  }

  private metricsCommand(): string[] {
    return this.cluster.node('worker-1').inNetwork(['curl', '-sSf', `http://${METRICS}/metrics`]);
  }

  private curl(url: string): string[] {
    return this.cluster.client.inNetwork(['curl', '-sSf', '--max-time', '5', '--cacert', keyFile('ca.crt'), url]);
  }
}

function end(machine: Machine, program: string): void {
  machine.processes(program).forEach(pid => kill(pid));
}

function solverRecipe(folder: string): ImageRecipe {
  return {
    repository: 'acmesolver',
    base: 'scratch',
    programs: { '/acmesolver': join(folder, 'acmesolver') },
    config: { Entrypoint: ['/acmesolver'], User: '65532:65532' },
  };
}
