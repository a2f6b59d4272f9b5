// the machine with etcd and the API server, and the flags of each program

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeeds, until } from './commands';
import { keyFile, kubeconfigOf } from './keys';
import { Machine } from './machine';
import { CONTROL_PLANE, CONTROL_PLANE_ADDRESS, inFamily, IpFamily, primary, SERVICE_CIDRS } from './topology';

const ETCD = 'http://127.0.0.1:2379';
const ETCD_PEER = 'http://127.0.0.1:2380';

export class ControlPlane extends Machine {
  constructor(private readonly programs: string, private readonly family: IpFamily) {
    super(CONTROL_PLANE);
  }

  /** Returns when the API server answers. */
  public async start(): Promise<void> {
    await this.boot();
    this.daemon('etcd', this.etcd());
    this.daemon('kube-apiserver', this.apiServer());
    await this.apiServerReady();
    // start them after the API server: they read settings from it, and exit when it does not answer
    this.daemon('kube-controller-manager', this.controllerManager());
    this.daemon('kube-scheduler', this.scheduler());
  }

  /** A kubectl command line as the cluster's administrator. */
  public kubectl(argv: string[]): string[] {
    return this.inNetwork([join(this.programs, 'kubectl'), '--kubeconfig', kubeconfigOf('admin'), ...argv]);
  }

  /** Writes a program that runs kubectl as the cluster's administrator. */
  public writeKubectl(file: string): void {
    writeFileSync(file, `#!/bin/sh\nexec ${this.kubectl([]).map(word => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  }

  /** Kills the API server. `startApiServer` starts it again. */
  public async stopApiServer(): Promise<void> {
    await run(['kill', '-KILL', ...this.processes('kube-apiserver').map(String)]);
  }

  public async startApiServer(): Promise<void> {
    this.daemon('kube-apiserver', this.apiServer());
    await this.apiServerReady();
  }

  private async apiServerReady(): Promise<void> {
    await until(`the API server is ready, see ${this.folder}/*.log`, 60, () => {
      if (!this.isUp) throw new Error('the control plane has ended while it started');
      return succeeds(this.kubectl(['get', '--raw', '/readyz']));
    });
  }

  private etcd(): string[] {
    return [
      join(this.programs, 'etcd'), '--data-dir=/run/etcd', '--unsafe-no-fsync',
      `--listen-client-urls=${ETCD}`, `--advertise-client-urls=${ETCD}`,
      `--listen-peer-urls=${ETCD_PEER}`, `--initial-advertise-peer-urls=${ETCD_PEER}`, `--initial-cluster=default=${ETCD_PEER}`,
    ];
  }

  private get serviceCidrs(): string {
    return inFamily(this.family, SERVICE_CIDRS).join();
  }

  private apiServer(): string[] {
    const here = primary(this.family, CONTROL_PLANE_ADDRESS);
    return [
      join(this.programs, 'kube-apiserver'), `--etcd-servers=${ETCD}`, `--bind-address=${here}`, `--advertise-address=${here}`, '--secure-port=6443',
      `--service-cluster-ip-range=${this.serviceCidrs}`,
      '--allow-privileged=true', // only makes such pods possible; Pod Security decides in each namespace
      '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction',
      '--enable-aggregator-routing=true', // this machine has no kube-proxy: call webhooks at their pods' addresses
      '--kubelet-preferred-address-types=InternalIP',
      `--cert-dir=${keyFile('')}`, `--client-ca-file=${keyFile('ca.crt')}`,
      `--tls-cert-file=${keyFile('apiserver.crt')}`, `--tls-private-key-file=${keyFile('apiserver.key')}`,
      `--kubelet-client-certificate=${keyFile('kubelet-client.crt')}`, `--kubelet-client-key=${keyFile('kubelet-client.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${keyFile('sa.pub')}`, `--service-account-signing-key-file=${keyFile('sa.key')}`,
    ];
  }

  private controllerManager(): string[] {
    return [
      join(this.programs, 'kube-controller-manager'), ...this.identity('controller-manager'), '--use-service-account-credentials',
      '--kube-api-qps=200', '--kube-api-burst=400', // with the default, the controllers wait for each other at start
      `--service-account-private-key-file=${keyFile('sa.key')}`, `--root-ca-file=${keyFile('ca.crt')}`,
      '--allocate-node-cidrs=false', `--service-cluster-ip-range=${this.serviceCidrs}`,
    ];
  }

  private scheduler(): string[] {
    return [join(this.programs, 'kube-scheduler'), ...this.identity('scheduler')];
  }

  private identity(user: string): string[] {
    const config = kubeconfigOf(user);
    return [
      `--kubeconfig=${config}`, `--authentication-kubeconfig=${config}`, `--authorization-kubeconfig=${config}`,
      '--leader-elect=false', '--bind-address=127.0.0.1', `--cert-dir=${keyFile('')}`,
    ];
  }
}
