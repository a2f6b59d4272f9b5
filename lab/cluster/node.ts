// a machine with a kubelet: configures and starts containerd, kube-proxy and the pod network

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeeds, until } from './commands';
import { cpuPeriods, limitCpu, makeCgroups } from './host';
import { fullReference, labReference, PAUSE_IMAGE } from './image-table';
import { keyFile, kubeconfigOf } from './keys';
import { Machine, PREFIX } from './machine';
import { CLUSTER_DOMAIN, DNS_ADDRESSES, inFamily, INTERFACE, IpFamily, NodeSpec, POD_CIDRS, primary } from './topology';

export class Node extends Machine {
  constructor(public readonly spec: NodeSpec, private readonly programs: string, private readonly family: IpFamily) {
    super(spec.name);
  }

  /** Starts all that needs no API server: namespaces, image store and containerd. */
  public async prepare(imageStore: string): Promise<void> {
    await this.boot();
    makeCgroups(this.cgroup);
    await this.copyImages(imageStore);
    mkdirSync(join(this.folder, 'cni'), { recursive: true });
    writeFileSync(join(this.folder, 'cni/10-pods.conflist'), JSON.stringify(this.podNetwork()));
    writeFileSync(join(this.folder, 'containerd.toml'), this.containerdConfig());
    writeFileSync(join(this.folder, 'kubelet.json'), JSON.stringify(this.kubeletConfig()));
    writeFileSync(join(this.folder, 'kube-proxy.json'), JSON.stringify(this.proxyConfig()));
    await this.startContainerd();
  }

  /** Returns when it answers. */
  public async startContainerd(): Promise<void> {
    this.daemon('containerd', ['containerd', '-c', join(this.folder, 'containerd.toml')]);
    await until(`containerd answers on ${this.name}, see ${this.folder}/containerd.log`, 20, () => succeeds(this.inside(['ctr', 'version'])));
  }

  /** Starts the kubelet, which registers the node. */
  public join(): void {
    const { ipv4, ipv6, labels } = this.spec;
    this.daemon('kubelet', [
      join(this.programs, 'kubelet'), `--config=${join(this.folder, 'kubelet.json')}`, `--kubeconfig=${kubeconfigOf(this.name)}`,
      `--hostname-override=${this.name}`, `--node-ip=${inFamily(this.family, [ipv4, ipv6]).join()}`, `--cert-dir=${join(this.folder, 'kubelet-keys')}`,
      `--node-labels=${Object.entries(labels).map(([key, value]) => `${key}=${value}`).join()}`,
    ]);
    this.daemon('kube-proxy', [join(this.programs, 'kube-proxy'), `--config=${join(this.folder, 'kube-proxy.json')}`]);
  }

  /** Adds this reference to the lab's image for it, so that manifests stay unchanged. */
  public async nameImage(reference: string): Promise<void> {
    await run(this.inside(['ctr', '-n', 'k8s.io', 'images', 'tag', '--force', labReference(reference), fullReference(reference)]));
  }

  /** Deletes another node's hardware address, so that the kernel has to ask for it by ARP. */
  public async forget({ spec: { ipv4 } }: Node): Promise<void> {
    await run(this.inNetwork(['ip', 'neigh', 'flush', 'dev', INTERFACE, 'to', ipv4]));
  }

  /** Gives all pods of the node together a share of one processor, such as 0.1; without it, no limit. kubelet and containerd are not pods. */
  public limitPods(share?: number): void {
    limitCpu(this.cgroup, share);
  }

  /** Periods of 100 ms since there is a limit, and those in which pods had to wait. */
  public get podPeriods(): { all: number; waited: number } {
    return cpuPeriods(this.cgroup);
  }

  private get cgroup(): string {
    return `${PREFIX}/${this.name}`;
  }

  /** Layers are hard links, because they never change. Databases change, so they are copies. */
  private async copyImages(store: string): Promise<void> {
    const own = join(this.folder, 'containerd');
    if (!await succeeds(['cp', '-al', store, own])) await run(['cp', '-a', store, own], { seconds: 120 });
    await run(['bash', '-c', 'find "$1" -name "*.db" -exec cp --preserve=mode {} {}.own \\; -exec mv {}.own {} \\;', 'copy', own]);
  }

  private containerdConfig(): string {
    return `version = 2
root = "${join(this.folder, 'containerd')}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/opt"
[plugins."io.containerd.grpc.v1.cri"]
  # root without CAP_SYS_RESOURCE may not lower oom_score_adj
  restrict_oom_score_adj = true
  sandbox_image = "${PAUSE_IMAGE}"
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(this.folder, 'cni')}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;
  }

  private podNetwork(): object {
    const ranges = inFamily(this.family, this.spec.podCidrs).map(subnet => [{ subnet }]);
    const routes = inFamily(this.family, ['0.0.0.0/0', '::/0']).map(dst => ({ dst }));
    const ipam = { type: 'host-local', dataDir: '/run/pod-addresses', ranges, routes };
    const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam };
    return { cniVersion: '0.4.0', name: 'pods', plugins: [bridge, { type: 'portmap', capabilities: { portMappings: true } }] };
  }

  private kubeletConfig(): object {
    return {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: primary(this.family, this.spec),
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: keyFile('ca.crt') } },
      authorization: { mode: 'Webhook' },
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${this.cgroup}`,
      failCgroupV1: false,
      failSwapOn: false,
      enforceNodeAllocatable: [],
      makeIPTablesUtilChains: false,
      localStorageCapacityIsolation: false,
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
      podLogsDir: join(this.folder, 'pods'),
      resolvConf: '', // the lab has no name server but cluster DNS
      clusterDNS: inFamily(this.family, DNS_ADDRESSES).slice(0, 1),
      clusterDomain: CLUSTER_DOMAIN,
      evictionHard: { 'memory.available': '50Mi' },
      imageGCHighThresholdPercent: 100, // no image collection when this host's disk is full: there is no registry to pull from
      crashLoopBackOff: { maxContainerRestartPeriod: '1s' }, // scenarios that kill often must not measure the back-off
    };
  }

  private proxyConfig(): object {
    return {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      hostnameOverride: this.name,
      clientConnection: { kubeconfig: kubeconfigOf('proxy') },
      clusterCIDR: inFamily(this.family, POD_CIDRS).join(),
      detectLocalMode: 'ClusterCIDR',
      healthzBindAddress: '127.0.0.1:10256',
      metricsBindAddress: '127.0.0.1:10249',
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' }, // these settings would change the whole host
    };
  }
}
