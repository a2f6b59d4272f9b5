// options of every pod: tolerations, priority, nodes, and CPU limits of containers beside the main one
import { Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { chartOf, frontProps, messageOf, podSpec, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import {
  EdgeGateway, EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, HostNetworkIngressGateway, IngressGateway, KeepalivedVip,
  ManagedHostNetworkIngressGateway, ManagedIngressGateway, MeshEdge, VirtualAddress,
} from '../../src';
import type { EdgePodOptions, Toleration } from '../../src';

const VIP = { networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], metrics: { from: ['10.0.0.0/8'] } };
const istio = { version: '1.31.0' };
const OF_EDGE = { key: 'node-role.kubernetes.io/edge', operator: 'Exists' };

/** Each kind of workload, by the name of its construct. */
const MAKERS: { [name: string]: (chart: ReturnType<typeof chartOf>, nodes: typeof TWO_NODES, options: EdgePodOptions) => unknown } = {
  FrontEnvoy: (chart, nodes, options) => new FrontEnvoy(chart, 'part', { ...frontProps(chart), ...options, nodes }),
  FrontHaproxy: (chart, nodes, options) => new FrontHaproxy(chart, 'part', { ...frontProps(chart), ...options, nodes, replicas: 2 }),
  FrontNginx: (chart, nodes, options) => new FrontNginx(chart, 'part', { ...frontProps(chart), ...options, nodes }),
  KeepalivedVip: (chart, nodes, options) => new KeepalivedVip(chart, 'part', { ...VIP, ...options, nodes }).track(new FrontEnvoy(chart, 'tracked', { ...frontProps(chart), nodes })),
  HostNetworkIngressGateway: (chart, nodes, options) => new HostNetworkIngressGateway(chart, 'part', { ...options, nodes, istio }),
  IngressGateway: (chart, _, options) => new IngressGateway(chart, 'part', { ...options }),
  ManagedIngressGateway: (chart, _, options) => new ManagedIngressGateway(chart, 'part', { ...options }),
  ManagedHostNetworkIngressGateway: (chart, nodes, options) => new ManagedHostNetworkIngressGateway(chart, 'part', { ...options, nodes }),
};

const ON_POD_NETWORK = ['IngressGateway', 'ManagedIngressGateway'];

function podOf(name: string, options: EdgePodOptions, nodes = TWO_NODES.dedicated()): Manifest {
  const chart = chartOf();
  MAKERS[name](chart, nodes, options);
  const manifests = synth(chart).filter(({ metadata }) => metadata.name.startsWith('edge-part'));
  const overlay = manifests.find(({ data }) => data?.deployment)?.data.deployment;
  return podSpec(overlay ? JSON.parse(overlay) : manifests.find(({ spec }) => spec?.template));
}

describe.each(Object.keys(MAKERS))('%s', name => {
  const isHost = !ON_POD_NETWORK.includes(name);

  test('tolerates more taints than those of its nodes', () => {
    const tolerations: Toleration[] = [
      { key: 'CriticalAddonsOnly', value: 'true', effect: kplus.TaintEffect.NO_EXECUTE, evictAfter: Duration.seconds(10) },
      { key: 'example.com/edge' },
      { effect: kplus.TaintEffect.NO_SCHEDULE },
    ];
    expect(podOf(name, { tolerations }).tolerations).toEqual([
      ...(isHost ? [OF_EDGE] : []),
      { key: 'CriticalAddonsOnly', operator: 'Equal', value: 'true', effect: 'NoExecute', tolerationSeconds: 10 },
      { key: 'example.com/edge', operator: 'Exists' },
      { operator: 'Exists', effect: 'NoSchedule' },
    ]);
  });

  test('tolerates without the option only what its nodes have', () => {
    expect(podOf(name, {}).tolerations).toEqual(isHost ? [OF_EDGE] : undefined);
    expect(podOf(name, {}, TWO_NODES).tolerations).toBeUndefined();
  });

  test('takes a priority class', () => {
    expect(podOf(name, { priorityClassName: 'edge' }).priorityClassName).toBe('edge');
    expect(podOf(name, {}).priorityClassName).toBe(isHost ? 'system-node-critical' : undefined);
  });

  test.each<[string, EdgePodOptions, string]>([
    ['a priority class that is no name', { priorityClassName: 'a b' }, 'name-invalid: priorityClassName'],
    ['an empty priority class', { priorityClassName: '' }, 'name-invalid: priorityClassName'],
    ['a key that is none', { tolerations: [{ key: 'a b' }] }, 'label-invalid: key of a toleration'],
    ['an empty key', { tolerations: [{ key: '' }] }, 'label-invalid: key of a toleration'],
    ['a value that is none', { tolerations: [{ key: 'a', value: 'b c' }] }, 'label-invalid: value of a toleration'],
    ['a value without a key', { tolerations: [{ value: 'a' }] }, 'option-unused: value of a toleration'],
    ['a time without NoExecute', { tolerations: [{ key: 'a', evictAfter: Duration.seconds(1) }] }, 'option-unused: evictAfter'],
    ['a time with another effect', { tolerations: [{ effect: kplus.TaintEffect.NO_SCHEDULE, evictAfter: Duration.seconds(1) }] }, 'got "NoSchedule"'],
    ['a time in parts of a second', { tolerations: [{ effect: kplus.TaintEffect.NO_EXECUTE, evictAfter: Duration.millis(1500) }] }, 'duration-out-of-range: evictAfter'],
    ['an effect that is none', { tolerations: [{ effect: 'NoSleep' as kplus.TaintEffect }] }, 'value-unknown: invalid tolerations[0].effect'],
  ])('fails for %s', (_, options, message) => expect(messageOf(() => podOf(name, options))).toContain(message));
});

test.each(Object.keys(MAKERS).filter(name => !ON_POD_NETWORK.includes(name)))('%s runs only on nodes that have all labels', name => {
  const { nodeAffinity } = podOf(name, {}, EdgeNodes.labeled({ role: 'edge', zone: 'a' })).affinity;
  const [{ matchExpressions }] = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  expect(matchExpressions).toEqual(expect.arrayContaining([['role', 'edge'], ['zone', 'a']].map(([key, value]) => ({ key, operator: 'In', values: [value] }))));
});

test('RKE2: nodes with two taints', () => {
  const chart = chartOf();
  new MeshEdge(chart, 'edge', {
    nodes: TWO_NODES.dedicated('node-role.kubernetes.io/control-plane', 'CriticalAddonsOnly'),
    networkInterface: 'eth0',
    virtualAddresses: VIP.virtualAddresses,
    gateway: EdgeGateway.edgeNodes({ istio }),
  });
  const pods = synth(chart).filter(({ kind }) => kind === 'DaemonSet').map(podSpec);
  expect(pods).toHaveLength(3);
  pods.forEach(({ tolerations }) => expect(tolerations).toEqual([
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }, { key: 'CriticalAddonsOnly', operator: 'Exists' },
  ]));
});

describe('CPU limits', () => {
  const memory = { request: Size.mebibytes(64), limit: Size.mebibytes(256) };
  const allOf = ({ initContainers = [], containers }: Manifest): Manifest[] => [...initContainers, ...containers];

  test('without one, no container has one', () => {
    ['FrontEnvoy', 'KeepalivedVip'].flatMap(name => allOf(podOf(name, {}))).forEach(({ resources }) => expect(resources.limits.cpu).toBeUndefined());
  });

  test('init containers and sidecars have that of the main one, so that a ResourceQuota accepts the pod', () => {
    const containers = ['FrontEnvoy', 'KeepalivedVip'].flatMap(name => allOf(podOf(name, { resources: { memory, cpu: { request: kplus.Cpu.millis(100), limit: kplus.Cpu.units(2) } } })));
    expect(containers.map(({ name, resources }) => [name, resources.limits.cpu, resources.requests.cpu])).toEqual([
      ['port-guard', '2', '10m'], ['front-envoy', '2', '100m'], ['keepalived', '2', '100m'], ['handover', '2', '100m'], ['metrics', '2', '20m'],
    ]);
    expect(containers[0].resources.limits.memory).toBe('32Mi');
  });

  test('a request is never above the limit', () => {
    const [guard] = allOf(podOf('FrontNginx', { resources: { memory, cpu: { limit: kplus.Cpu.millis(5) } } }));
    expect(guard.resources).toEqual({ requests: { cpu: '5m', memory: '16Mi' }, limits: { cpu: '5m', memory: '32Mi' } });
  });
});
