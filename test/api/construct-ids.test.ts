// child ids decide on names, and selectors are immutable once applied: both are API
import { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { chartOf, synth, TWO_NODES } from '../../sandbox/synth';
import { EdgeFrontProxy, MeshEdge, VirtualAddress } from '../../src';

const idsOf = (construct: IConstruct, depth: number): string[] => construct.node.children
  .flatMap(child => [child.node.path, ...(depth > 1 ? idsOf(child, depth - 1) : [])]);

test('child ids stay what they are', () => {
  const chart = chartOf(new App());
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], createNamespace: true });
  edge.expose('shop.example.com', { service: 'shop', port: 80 });
  expect(idsOf(edge, 2).map(path => path.replace('edge/edge/', ''))).toEqual([
    'namespace',
    'gateway',
    'gateway/ServiceAccount',
    'gateway/Role',
    'gateway/RoleBinding',
    'gateway/Service',
    'gateway/HeadlessService',
    'gateway/Deployment',
    'gateway/DisruptionBudget',
    'front-envoy',
    'front-envoy/ConfigMap',
    'front-envoy/ConfigVolume',
    'front-envoy/ServiceAccount',
    'front-envoy/ScratchVolume-run-front',
    'front-envoy/DaemonSet',
    'vip',
    'vip/ConfigMap',
    'vip/ConfigVolume',
    'vip/ServiceAccount',
    'vip/ScratchVolume-run-keepalived',
    'vip/DaemonSet',
    'expose-shop-example-com',
    'expose-shop-example-com/VirtualService',
    'gateway-http',
    'gateway-http/Gateway',
  ]);
});

test('child ids of an entry stay what they are', () => {
  const chart = chartOf(new App());
  const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
  const inside = edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.101')] });
  inside.expose('grafana.example.internal', { service: 'grafana', port: 80 });
  expect(idsOf(inside, 1)).toEqual(['edge/edge/inside/gateway', 'edge/edge/inside/expose-grafana-example-internal', 'edge/edge/inside/gateway-http']);
});

test.each([
  ['front-envoy', EdgeFrontProxy.envoy()], ['front-haproxy', EdgeFrontProxy.haproxy()], ['front-nginx', EdgeFrontProxy.nginx()],
])('selector labels stay what they are behind %s', (application, frontProxy) => {
  const chart = chartOf(new App());
  new MeshEdge(chart, 'edge', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], frontProxy });
  const selectors = synth(chart).filter(({ spec }) => spec?.selector?.matchLabels && spec.template)
    .map(({ metadata, spec }) => [metadata.name, spec.selector.matchLabels]);
  expect(Object.fromEntries(selectors)).toEqual({
    'edge-gateway': {
      'app.kubernetes.io/name': 'istio-ingress-gateway', 'app.kubernetes.io/instance': 'edge-gateway', 'istio': 'edge-gateway', 'cdk8s-istio-edge/namespace': 'istio-ingress',
    },
    [`edge-${application}`]: { 'app.kubernetes.io/name': application, 'app.kubernetes.io/instance': `edge-${application}` },
    'edge-vip': { 'app.kubernetes.io/name': 'keepalived', 'app.kubernetes.io/instance': 'edge-vip' },
  });
});
