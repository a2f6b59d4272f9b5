// faults that the doctor must name, each with its code, how to make it, and how to undo it

import { after, sleep, run, startDetached, undoAll, until } from '../cluster/commands';
import { labReference } from '../cluster/image-table';
import { kill, Machine } from '../cluster/machine';
import { Node } from '../cluster/node';
import { KubeObject, writeObjects } from '../cluster/objects';
import { INTERFACE } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { dropAdverts } from '../traffic/dropped-adverts';

type Undo = () => Promise<void>;

/** A fault made on purpose. */
export interface DoctorFault {
  /** The codes by which the doctor must name it. */
  readonly codes: string[];
  readonly what: string;
  /** Other codes that the same fault can raise. */
  readonly also?: string[];
  /** Breaks the manifests that the doctor gets. */
  readonly inManifests?: (objects: KubeObject[]) => void;
  /** Breaks the cluster or a node. Returns what repairs it. */
  readonly make?: (edge: EdgeUnderTest) => Promise<Undo>;
}

/** Faults that can be there at the same time. */
export interface FaultGroup {
  readonly name: string;
  /** Whether the doctor must ask the nodes. */
  readonly nodes: boolean;
  readonly faults: DoctorFault[];
}

const NAMESPACE = 'istio-ingress';
const [FREE_PORT, SECOND_FREE_PORT] = [9998, 9999];

const find = (objects: KubeObject[], kind: string, name: RegExp): KubeObject =>
  objects.find(one => one.kind === kind && name.test(one.metadata.name))!;
const remove = (objects: KubeObject[], kind: string): void => { objects.splice(objects.findIndex(one => one.kind === kind), 1); };
const victim = (edge: EdgeUnderTest): Node => edge.nodes[1];

/** kubectl, to break and to repair. */
const kubectl = (made: string[], repaired: string[]) => async ({ cluster }: EdgeUnderTest): Promise<Undo> => {
  await cluster.kubectl(made);
  return async () => { await cluster.kubectl(repaired); };
};

/** An object that should not be there. */
const extra = (object: (edge: EdgeUnderTest) => KubeObject) => async (edge: EdgeUnderTest): Promise<Undo> => {
  const text = writeObjects([object(edge)]);
  return after(() => edge.cluster.apply(text), async () => {
    await edge.cluster.kubectl(['delete', '--ignore-not-found', '--wait', '--timeout=30s', '-f', '-'], { input: text, seconds: 40 });
  });
};

/** An object of the edge, or of what it needs, that is missing. */
const missing = (kind: string, name: RegExp) => async ({ cluster, objects }: EdgeUnderTest): Promise<Undo> => {
  const object = find(objects, kind, name);
  await cluster.kubectl(['-n', object.metadata.namespace ?? '', 'delete', kind, object.metadata.name]);
  return async () => { await cluster.apply(writeObjects([object]), '--server-side', '--force-conflicts'); };
};

/** A kernel setting of an edge node. */
const setting = (name: string, value: string) => async (edge: EdgeUnderTest): Promise<Undo> => {
  const node = victim(edge);
  const before = (await run(node.inNetwork(['sysctl', '-n', name]))).trim().replace(/\t/g, ' ');
  const set = async (to: string) => { await run(node.inNetwork(['sysctl', '-qw', `${name}=${to}`])); };
  await set(value);
  return async () => set(before);
};

const nft = async (node: Machine, text: string): Promise<void> => { await run(node.inNetwork(['nft', '-f', '-']), { input: text }); };

/** Rules of nftables on an edge node. */
const rules = (chain: string) => async (edge: EdgeUnderTest): Promise<Undo> => {
  await nft(victim(edge), `table inet doctor {\n${chain}\n}\n`);
  return async () => nft(victim(edge), 'delete table inet doctor');
};

/** A port that the manifests ask for, and that no pod of the edge has yet. */
const wantsPort = (port: number) => (objects: KubeObject[]): void => {
  const { initContainers } = find(objects, 'DaemonSet', /front/).spec.template.spec;
  (initContainers as KubeObject[]).find(one => (one as unknown as { name: string }).name === 'port-guard')!.command.push(`${port}`);
};

const inConfiguration = (objects: KubeObject[], change: (text: string) => string): void => {
  const { data } = objects.find(one => one.kind === 'ConfigMap' && one.data?.['keepalived.conf'] !== undefined)!;
  data['keepalived.conf'] = change(data['keepalived.conf']);
};

const service = (name: string, externalIP: string, port: number): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { externalIPs: [externalIP], selector: { app: name }, ports: [{ port }] } });

/** Another router of VRRP: keepalived on the worker, which is no node of the edge. */
async function anotherRouter({ cluster }: EdgeUnderTest): Promise<Undo> {
  const machine = cluster.machine('worker-1');
  const configuration = `global_defs {\n vrrp_version 3\n}\nvrrp_instance other {\n state BACKUP\n interface ${INTERFACE}\n virtual_router_id 100\n priority 50\n advert_int 1\n virtual_ipaddress {\n  192.0.2.99/32\n }\n}\n`;
  const file = `${machine.folder}/other-router.conf`;
  await run(['tee', file], { input: configuration });
  const pid = startDetached(machine.inNetwork(['keepalived', '--dont-fork', '--vrrp', '--log-console', '--use-file', file, '--pid', `${file}.pid`, '--vrrp_pid', `${file}.vrrp`]), `${file}.log`);
  const isMaster = async () => (await run(machine.inNetwork(['ip', '-o', 'address', 'show', 'dev', INTERFACE]))).includes('192.0.2.99/');
  return after(() => until('the other router is MASTER', 15, isMaster), async () => {
    kill(pid, 'SIGTERM');
    await until('the other router has ended', 10, async () => !await isMaster());
  });
}

/** The doctor allows 5 s. With 30 s, the controller manager would see no later time in the Lease for so long that the node counts as lost. */
const AHEAD_MS = 15_000;

/** kubelet writes the node's time every ten seconds. This writes a wrong time after it, and again every second. */
async function wrongClock({ cluster, nodes: [, { name }] }: EdgeUnderTest): Promise<Undo> {
  const lease = ['lease', name, '-n', 'kube-node-lease'];
  const read = () => cluster.kubectl(['get', ...lease, '-o', 'jsonpath={.spec.renewTime}']);
  const written = async (before: string) => until('kubelet has written the time', 30, async () => await read() !== before);
  const write = async () => {
    const renewTime = new Date(Date.now() + AHEAD_MS).toISOString().replace('Z', '000Z');
    await cluster.kubectl(['patch', ...lease, '--type=merge', '-p', JSON.stringify({ spec: { renewTime } })]);
  };
  await written(await read());
  await write();
  let isOver = false;
  const again = async () => {
    while (!isOver) {
      await sleep(1000);
      await write();
    }
  };
  const writing = again().catch(() => undefined); // kubelet writes the right time then
  return async () => {
    isOver = true;
    await writing;
    await written(await read());
  };
}

async function hungProxies(edge: EdgeUnderTest): Promise<Undo> {
  const processes = (await Promise.all(edge.nodes.map(node => edge.frontProcesses(node)))).flat();
  processes.forEach(pid => kill(pid, 'SIGSTOP'));
  return after(
    () => until('no node holds the address', 15, async () => (await edge.cluster.holders(edge.example.address)).length === 0),
    async () => processes.forEach(pid => kill(pid, 'SIGCONT')),
  );
}

/** A client stays connected to a node that goes into maintenance. */
async function maintenance(edge: EdgeUnderTest): Promise<Undo> {
  const node = victim(edge);
  const label = (value: string) => edge.cluster.kubectl(['label', 'node', node.name, '--overwrite', `cdk8s-istio-edge/maintenance${value}`]);
  const connect = `exec 3<>/dev/tcp/${node.spec.ipv4}/80 && exec sleep 120`;
  const pid = startDetached(edge.cluster.client.inNetwork(['bash', '-c', connect]), `${node.folder}/client.log`);
  return after(async () => {
    await sleep(1500);
    await label('=');
    await until('the proxy drains', 20, async () => (await edge.pods('front-proxy')).some(pod => pod.node === node.name && pod.leaving));
  }, async () => {
    kill(pid);
    await label('-');
  });
}

const inCluster: DoctorFault[] = [
  {
    codes: ['host-port-taken'], what: 'a pod with hostPort 443', make: extra(edge => ({
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'other-ingress', namespace: 'default' },
      spec: {
        nodeName: victim(edge).name, terminationGracePeriodSeconds: 1,
        containers: [{ name: 'other', image: labReference('labtool'), imagePullPolicy: 'Never', args: ['backend'], ports: [{ containerPort: 8443, hostPort: 443 }] }],
      },
    })),
  },
  { codes: ['service-takes-port'], what: 'a Service with the address of a node', make: extra(edge => service('of-a-node', victim(edge).spec.ipv4, 443)) },
  { codes: ['address-of-service'], what: 'a Service with the virtual address', make: extra(edge => service('of-the-address', edge.example.address, 8080)) },
  {
    codes: ['node-taint'], what: 'a taint on an edge node',
    make: kubectl(['taint', 'node', 'edge-2', 'lab/doctor=:NoSchedule'], ['taint', 'node', 'edge-2', 'lab/doctor-']),
  },
  { codes: ['certificate-missing'], what: 'no Secret with the certificate', make: missing('Secret', /shop-tls/) },
  { codes: ['service-missing'], what: 'no Service behind a route', make: missing('Service', /^shop$/) },
  {
    codes: ['policy-drops-edge'], what: 'a NetworkPolicy that lets only pods in, instead of the edge\'s own',
    inManifests: objects => remove(objects, 'NetworkPolicy'), make: async edge => {
      const other = extra(() => ({
        apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'pods-only', namespace: NAMESPACE },
        spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] },
      }));
      const repairs = [await missing('NetworkPolicy', /sources/)(edge)];
      return after(async () => repairs.push(await other(edge)), () => undoAll(repairs));
    },
  },
  { codes: ['node-missing'], what: 'a hostname that no node has', inManifests: objects => renameNode(find(objects, 'DaemonSet', /front/)) },
  { codes: ['kind-unknown'], what: 'a version of an API that the cluster does not have', inManifests: objects => (find(objects, 'VirtualService', /./).apiVersion = 'networking.istio.io/v9') },
  {
    codes: ['namespace-missing'], what: 'an object in a namespace that does not exist',
    inManifests: objects => objects.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lost', namespace: 'nowhere' } }),
  },
  {
    codes: ['workload-missing'], what: 'a part of the edge that was not applied',
    inManifests: objects => objects.push({ ...structuredClone(find(objects, 'Deployment', /gateway/)), metadata: { name: 'second-gateway', namespace: NAMESPACE } }),
  },
  {
    codes: ['manifests-differ'], what: 'an image that is not the running one',
    inManifests: objects => (find(objects, 'DaemonSet', /vip/).spec.template.spec.containers[0].image = 'registry.example.com/keepalived:old'),
  },
  // the last one: kubelet writes the right time after ten seconds
  { codes: ['clock-differs'], what: 'a clock that is some seconds ahead', make: wrongClock },
];

function renameNode({ spec }: KubeObject): void {
  const [term] = spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  term.matchExpressions.find((one: { key: string }) => one.key === 'kubernetes.io/hostname').values.push('edge-9');
}

const onAdmission: DoctorFault[] = [
  {
    codes: ['pod-security', 'pod-refused'], what: 'a namespace with the level baseline', inManifests: objects => remove(objects, 'Namespace'), make: kubectl(
      ['label', 'namespace', NAMESPACE, '--overwrite', 'pod-security.kubernetes.io/enforce=baseline'],
      ['label', 'namespace', NAMESPACE, '--overwrite', 'pod-security.kubernetes.io/enforce=privileged'],
    ),
  },
  { codes: ['pod-refused'], what: 'a quota that is used up', make: kubectl(['-n', NAMESPACE, 'create', 'quota', 'doctor', '--hard=pods=0'], ['-n', NAMESPACE, 'delete', 'quota', 'doctor']) },
  {
    codes: ['istiod-missing'], what: 'istiod does not run', also: ['pod-refused', 'not-injected'], make: async ({ cluster }) => {
      const scale = (replicas: number) => cluster.kubectl(['-n', 'istio-system', 'scale', 'deployment', 'istiod', `--replicas=${replicas}`]);
      return after(async () => {
        await scale(0);
        await until('istiod has ended', 40, async () => (await cluster.kubectl(['get', 'pods', '-A', '-l', 'app=istiod', '-o', 'name'])).trim() === '');
      }, async () => {
        await scale(1);
        await cluster.kubectl(['-n', 'istio-system', 'rollout', 'status', 'deployment', 'istiod', '--timeout=60s'], { seconds: 70 });
      });
    },
  },
];

const whileRunning: DoctorFault[] = [
  { codes: ['check-fails', 'address-without-holder'], what: 'all front proxies hang', also: ['pod-not-ready'], make: hungProxies },
];

const inMaintenance: DoctorFault[] = [
  { codes: ['node-maintenance', 'connections-left'], what: 'a client that stays on a node in maintenance', make: maintenance },
];

const onNodes: DoctorFault[] = [
  {
    codes: ['interface-missing'], what: 'an address on an interface that no node has',
    inManifests: objects => inConfiguration(objects, text => text.replace('virtual_ipaddress {\n', 'virtual_ipaddress {\n    192.0.2.77/32 dev eth7\n')),
  },
  {
    codes: ['address-taken'], what: 'another machine has the virtual address', make: async edge => {
      const change = (verb: string) => run(edge.cluster.machine('worker-1').inNetwork(['ip', 'address', verb, `${edge.example.address}/32`, 'dev', INTERFACE]));
      await change('add');
      return async () => { await change('del'); };
    },
  },
  { codes: ['vrid-used'], what: 'another router with the VRID', make: anotherRouter },
  {
    codes: ['port-taken'], what: 'a process on a port of the edge', inManifests: wantsPort(FREE_PORT), make: async edge => {
      const pid = startDetached(victim(edge).inNetwork([edge.cluster.labtool, 'backend', '--http=', '--health=', `--https=:${FREE_PORT}`]), `${victim(edge).folder}/doctor-backend.log`);
      return after(() => sleep(500), async () => kill(pid));
    },
  },
  {
    codes: ['port-redirected'], what: 'a rule that redirects a port of the edge', inManifests: wantsPort(SECOND_FREE_PORT),
    make: rules(`chain output { type nat hook output priority -100; tcp dport ${SECOND_FREE_PORT} redirect to :443; }`),
  },
  {
    codes: ['mtu-differs'], what: 'an edge node with another MTU', make: async edge => {
      const change = (mtu: number) => run(victim(edge).inNetwork(['ip', 'link', 'set', INTERFACE, 'mtu', `${mtu}`]));
      await change(1400);
      return async () => { await change(1500); };
    },
  },
  { codes: ['tcp-migrate-req'], what: 'tcp_migrate_req=0', make: setting('net.ipv4.tcp_migrate_req', '0') },
  { codes: ['tcp-tw-reuse'], what: 'tcp_tw_reuse=2', make: setting('net.ipv4.tcp_tw_reuse', '2') },
  { codes: ['reserved-ports'], what: 'no reserved ports', make: setting('net.ipv4.ip_local_reserved_ports', '') },
  { codes: ['ephemeral-ports'], what: 'the kernel\'s ephemeral ports', make: setting('net.ipv4.ip_local_port_range', '20000 60999') },
  { codes: ['retrans-time'], what: 'the kernel\'s retrans_time_ms', make: setting(`net.ipv4.neigh.${INTERFACE}.retrans_time_ms`, '1000') },
];

const betweenNodes: DoctorFault[] = [
  {
    codes: ['vrrp-blocked', 'address-two-holders'], what: 'a firewall that drops protocol 112',
    make: async edge => {
      const undo = await dropAdverts(edge);
      return after(() => until('two nodes hold the address', 15, async () => (await edge.cluster.holders(edge.example.address)).length === 2), undo);
    },
  },
];

/** All faults. */
export const FAULT_GROUPS: FaultGroup[] = [
  { name: 'in the cluster', nodes: false, faults: inCluster },
  { name: 'of admission', nodes: false, faults: onAdmission },
  { name: 'of an edge that runs', nodes: false, faults: whileRunning },
  { name: 'on the nodes', nodes: true, faults: onNodes },
  { name: 'between the nodes', nodes: true, faults: betweenNodes },
  { name: 'in maintenance', nodes: false, faults: inMaintenance },
];
