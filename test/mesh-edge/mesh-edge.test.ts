import { App, Chart, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { chartOf, messageOf, nameOf, only, podSpec, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, FrontEnvoy, HostNetworkIngressGateway, IngressGateway, MeshEdge, RouteApi, VirtualAddress } from '../../src';
import type { HostNetworkIngressGatewayOptions, IIngressGateway, MeshEdgeProps } from '../../src';

const HA: MeshEdgeProps = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };
const ISTIO = { version: '1.31.0' };
const ON_NODES = EdgeGateway.edgeNodes({ istio: ISTIO });

/** T4: nothing stands before the gateways. */
const NO_FRONT: Partial<MeshEdgeProps> = { frontProxy: EdgeFrontProxy.none(), gateway: ON_NODES };

function edgeOf(props: Partial<MeshEdgeProps> = {}, then?: (edge: MeshEdge) => void, chart = chartOf()): Manifest[] {
  const edge = new MeshEdge(chart, 'edge', { ...HA, ...props });
  then?.(edge);
  return synth(chart);
}

const inventory = (manifests: Manifest[]) => manifests.map(manifest => `${manifest.kind} ${nameOf(manifest)}`).sort();

describe('topologies', () => {
  test('T1: one gateway on one node, no virtual IP', () =>
    expect(inventory(edgeOf({ nodes: EdgeNodes.named('edge-1'), ...NO_FRONT, virtualAddresses: undefined, networkInterface: undefined }))).toEqual([
      'DaemonSet edge-gateway', 'Role edge-gateway-secrets', 'RoleBinding edge-gateway-secrets', 'Service edge-gateway', 'ServiceAccount edge-gateway',
    ]));
  test('T2: front proxy before a gateway', () =>
    expect(inventory(edgeOf({ virtualAddresses: undefined, networkInterface: undefined }))).toEqual([
      'ConfigMap edge-front-envoy', 'DaemonSet edge-front-envoy', 'Deployment edge-gateway', 'PodDisruptionBudget edge-gateway',
      'Role edge-gateway-secrets', 'RoleBinding edge-gateway-secrets', 'Service edge-gateway', 'Service edge-gateway-pods',
      'ServiceAccount edge-front-envoy', 'ServiceAccount edge-gateway',
    ]));
  test('T3: the same behind a virtual IP that follows the front proxy', () => {
    const manifests = edgeOf();
    expect(inventory(manifests)).toEqual(expect.arrayContaining(['DaemonSet edge-vip', 'ConfigMap edge-vip', 'ServiceAccount edge-vip']));
    expect(only(manifests, 'ConfigMap', 'edge-vip').data['keepalived-checkers.txt']).toContain(':340/healthz');
  });
  test('T4: gateways on the nodes behind a virtual IP that follows them', () => {
    const manifests = edgeOf(NO_FRONT);
    expect(only(manifests, 'DaemonSet', 'edge-gateway').spec.template.spec.hostNetwork).toBe(true);
    expect(only(manifests, 'ConfigMap', 'edge-vip').data['keepalived-checkers.txt']).toContain(':15021/healthz/ready');
  });
  test('T5: a gateway on loopback behind the front proxy of each node, a virtual IP that follows both', () => {
    const manifests = edgeOf({ gateway: ON_NODES });
    expect(inventory(manifests)).toEqual([
      'ConfigMap edge-front-envoy', 'ConfigMap edge-vip', 'DaemonSet edge-front-envoy', 'DaemonSet edge-gateway', 'DaemonSet edge-vip',
      'Role edge-gateway-secrets', 'RoleBinding edge-gateway-secrets', 'Service edge-gateway',
      'ServiceAccount edge-front-envoy', 'ServiceAccount edge-gateway', 'ServiceAccount edge-vip',
    ]);
    const checked = only(manifests, 'ConfigMap', 'edge-vip').data['keepalived-checkers.txt'];
    expect(checked).toContain(':340/healthz');
    expect(checked).toContain(':15021/healthz/ready');
    expect(only(manifests, 'DaemonSet', 'edge-gateway').spec.template.spec).toMatchObject({ hostNetwork: true, securityContext: { runAsNonRoot: true } });
    expect(only(manifests, 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml']).toContain('port_value: 10443');
  });
  test.each([['haproxy', EdgeFrontProxy.haproxy()], ['nginx', EdgeFrontProxy.nginx()], ['envoy', EdgeFrontProxy.envoy()]])(
    '%s stands before the gateway when asked for', (name, frontProxy) =>
      expect(inventory(edgeOf({ frontProxy }))).toContain(`DaemonSet edge-front-${name}`));
  test('an adopted gateway is used, and none made', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'istio-ingressgateway', namespace: 'istio-system' });
    const manifests = edgeOf({ gateway: EdgeGateway.existing(gateway) }, edge => edge.expose('shop.example.com', { service: 'shop', port: 80 }), chart);
    expect(inventory(manifests).filter(name => name.startsWith('Deployment'))).toEqual([]);
    expect(only(manifests, 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml']).toContain('istio-ingressgateway.istio-system.svc.cluster.local');
    expect(only(manifests, 'Gateway')).toMatchObject({ metadata: { namespace: 'istio-system' }, spec: { selector: { istio: 'ingressgateway' } } });
  });
});

describe('composition', () => {
  test('the client\'s address is preserved at both ends, or at none', () => {
    const both = edgeOf({ preserveClientAddress: true });
    expect(only(both, 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml']).toContain('ProxyProtocolUpstreamTransport');
    expect(JSON.stringify(only(both, 'Deployment').spec.template.metadata.annotations)).toContain('proxyProtocol');
    const none = JSON.stringify(edgeOf());
    expect(none).not.toMatch(/proxyProtocol|ProxyProtocolUpstreamTransport/);
  });
  test('on the host network the client\'s address arrives anyway, and nothing is set', () =>
    expect(edgeOf({ ...NO_FRONT, preserveClientAddress: true })).toEqual(edgeOf(NO_FRONT)));
  describe('with the gateway on the edge nodes', () => {
    const proxyProtocol = (props: Partial<MeshEdgeProps>) => {
      const manifests = edgeOf({ gateway: ON_NODES, ...props });
      return [
        JSON.stringify(only(manifests, 'DaemonSet', 'edge-gateway')).includes('proxyProtocol'),
        only(manifests, 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml'].includes('ProxyProtocolUpstreamTransport'),
      ];
    };

    test('the client\'s address is preserved unless told not to, and both ends agree', () => {
      expect(proxyProtocol({})).toEqual([true, true]);
      expect(proxyProtocol({ preserveClientAddress: true })).toEqual([true, true]);
      expect(proxyProtocol({ preserveClientAddress: false })).toEqual([false, false]);
    });
    test('fails for a second word on PROXY protocol: the edge decides on both ends', () =>
      expect(messageOf(() => EdgeGateway.edgeNodes({ istio: ISTIO, receivesProxyProtocol: false } as HostNetworkIngressGatewayOptions)))
        .toContain('option-unknown: unknown option receivesProxyProtocol'));
    test('exposed hosts are bound to loopback', () => {
      const shop = { service: 'shop', port: 80, tlsSecretName: 'shop-tls' };
      const servers = (props: Partial<MeshEdgeProps>) =>
        only(edgeOf(props, edge => edge.expose('shop.example.com', shop)), 'Gateway').spec.servers.map(({ bind }: Manifest) => bind);
      expect(servers({ gateway: ON_NODES })).toEqual(['127.0.0.1', '127.0.0.1']);
      expect(servers(NO_FRONT)).toEqual([undefined, undefined]);
    });
    test('an IPv6 virtual address is served through the gateway on 127.0.0.1', () =>
      expect(messageOf(() => edgeOf({ gateway: ON_NODES, virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })] }))).toBe(''));
    test('a gateway on loopback that exists already is followed by the virtual IP too', () => {
      const chart = chartOf();
      const gateway = new HostNetworkIngressGateway(chart, 'mine', { nodes: TWO_NODES, istio: { version: '1.31.0' }, loopbackOnly: true });
      expect(only(edgeOf({ gateway: EdgeGateway.existing(gateway) }, undefined, chart), 'ConfigMap', 'edge-vip').data['keepalived-checkers.txt']).toContain(':15021/healthz/ready');
    });
    test('a gateway that other nodes reach is not: any of them may serve', () => {
      const chart = chartOf();
      const listeners = [{ port: 80, targetPort: 10_080 }, { port: 443, targetPort: 10_443 }];
      const gateway = new HostNetworkIngressGateway(chart, 'mine', { nodes: TWO_NODES, istio: { version: '1.31.0' }, listeners });
      expect(only(edgeOf({ gateway: EdgeGateway.existing(gateway) }, undefined, chart), 'ConfigMap', 'edge-vip').data['keepalived-checkers.txt']).not.toContain(':15021/');
    });
    test('fails for another host gateway beside it', () => {
      const chart = chartOf();
      new HostNetworkIngressGateway(chart, 'other', { nodes: EdgeNodes.named('edge-1'), istio: { version: '1.31.0' } });
      expect(messageOf(() => edgeOf({ gateway: ON_NODES }, undefined, chart))).toContain('tcp 15021 (Istio proxy: health checks) on nodes edge-1, edge-2');
    });
    test('fails for something else on its loopback port', () => {
      const chart = chartOf();
      const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
      new FrontEnvoy(chart, 'other', { nodes: TWO_NODES, gateway, listeners: [{ port: 10_443, gatewayPort: 443 }], healthPort: 18_022 });
      expect(messageOf(() => edgeOf({ gateway: ON_NODES }, undefined, chart)))
        .toContain('[edge/edge/gateway] host-port-clash: tcp 127.0.0.1:10443 on nodes edge-1, edge-2 is also used by edge/other');
    });
  });
  test('fails for an annotation of the edge that would switch its PROXY protocol off', () =>
    expect(messageOf(() => edgeOf({
      gateway: ON_NODES, annotations: { 'proxy.istio.io/config': '{"gatewayTopology":{"numTrustedProxies":1}}' },
    }))).toContain('[edge/edge/gateway] annotation-reserved'));
  test('an IPv6 virtual address makes the front proxy listen on IPv6', () => {
    const props = { nodes: EdgeNodes.named('a', 'b'), virtualAddresses: [VirtualAddress.of('2001:db8::100')] };
    expect(only(edgeOf(props), 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml']).toContain('"::"');
  });
  test('a paired IPv6 address makes the front proxy listen on IPv6 too', () => {
    const virtualAddresses = [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })];
    expect(only(edgeOf({ virtualAddresses }), 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml']).toContain('"::"');
  });
  test('options reach their part', () => {
    const manifests = edgeOf({
      virtualAddresses: [VirtualAddress.of('192.0.2.100', { vrid: 42 })],
      frontProxy: EdgeFrontProxy.envoy({ maxConnections: 4321, lameDuckPeriod: Duration.seconds(4) }),
      gateway: EdgeGateway.podNetwork({ replicas: 5 }),
      vip: { checkFall: 3 },
      labels: { team: 'edge' },
    });
    expect(only(manifests, 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml']).toContain('4321');
    expect(only(manifests, 'Deployment').spec.replicas).toBe(5);
    const keepalived = only(manifests, 'ConfigMap', 'edge-vip').data;
    expect(keepalived['keepalived.conf']).toContain('virtual_router_id 42');
    expect(keepalived['keepalived-checkers.txt']).toMatch(/ 3 2 -\n$/);
  });
  test('labels and annotations reach every object and every pod', () => {
    const gateway = EdgeGateway.podNetwork({ autoscaling: { maxReplicas: 3 } });
    const manifests = edgeOf({ labels: { team: 'edge' }, annotations: { 'example.com/owner': 'us' }, createNamespace: true, gateway }, edge => {
      edge.expose('shop.example.com', { service: 'shop', port: 80 });
      edge.ingressGateway!.allowTrafficOnlyFrom(TWO_NODES);
    });
    const pods = manifests.flatMap(({ spec }) => spec?.template?.metadata ?? []);
    expect([...manifests.map(({ metadata }) => metadata), ...pods].filter(({ labels, annotations }) =>
      labels?.team !== 'edge' || labels['app.kubernetes.io/part-of'] !== 'istio-edge' || annotations?.['example.com/owner'] !== 'us')).toEqual([]);
  });
  test('a label of a part comes before that of the edge', () => {
    const manifests = edgeOf({ labels: { team: 'edge', site: 'a' }, vip: { labels: { team: 'network' } } });
    expect(only(manifests, 'DaemonSet', 'edge-vip').metadata.labels).toMatchObject({ team: 'network', site: 'a' });
  });
  test('every part pulls its images with the secret of the edge', () => {
    const workloads = edgeOf({ imagePullSecretName: 'pull' }).filter(({ spec }) => spec?.template);
    expect(workloads.map(workload => [nameOf(workload), podSpec(workload).imagePullSecrets])).toEqual(
      ['edge-gateway', 'edge-front-envoy', 'edge-vip'].map(name => [name, [{ name: 'pull' }]]));
  });
  test('a namespace is made only when asked for, in no namespace, with the Pod Security label', () => {
    expect(inventory(edgeOf())).not.toContain('Namespace istio-ingress');
    expect(only(edgeOf({ createNamespace: true }), 'Namespace').metadata).toEqual({
      name: 'istio-ingress', labels: expect.objectContaining({ 'pod-security.kubernetes.io/enforce': 'privileged' }),
    });
  });
  test('no label of the user lowers the level of the namespace', () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'baseline', 'team': 'edge' };
    expect(only(edgeOf({ createNamespace: true, labels }), 'Namespace').metadata.labels).toMatchObject({ ...labels, 'pod-security.kubernetes.io/enforce': 'privileged' });
  });
  test('a namespace comes before a gateway that was made before the edge', () => {
    const chart = chartOf();
    const gateway = new IngressGateway(chart, 'gateway');
    const kinds = edgeOf({ createNamespace: true, gateway: EdgeGateway.existing(gateway) }, undefined, chart).map(({ kind }) => kind);
    expect(kinds.indexOf('Namespace')).toBeLessThan(kinds.indexOf('Deployment'));
  });
  test('a namespace leaves the file names as they are beside a gateway of another chart and namespace', () => {
    const app = new App();
    const gateway = new IngressGateway(chartOf(app, 'mesh', { namespace: 'istio-gateways' }), 'gateway');
    const adopted = IngressGateway.fromService(chartOf(app, 'adopted'), 'gateway', { name: 'gateway' });
    const charts = [gateway, adopted].map((given, index) => {
      const chart = chartOf(app, `edge-${index}`, { namespace: index === 0 ? 'edge' : 'istio-ingress' });
      new MeshEdge(chart, 'edge', { nodes: EdgeNodes.named(`node-${index}`), gateway: EdgeGateway.existing(given), createNamespace: true });
      return chart;
    });
    app.synthYaml();
    // a chart that depends on another one is what cdk8s numbers files for
    expect([...charts, Chart.of(gateway), Chart.of(adopted)].flatMap(chart => chart.node.dependencies.map(({ node }) => node.path))).toEqual([]);
  });
  test('fails for a gateway of one\'s own that answers nonsense', () => {
    const chart = chartOf();
    const gateway: IIngressGateway = Object.assign(new Construct(chart, 'mine'), { selector: {}, toIngressGatewayConfig: () => ({}) as never });
    expect(messageOf(() => edgeOf({ gateway: EdgeGateway.existing(gateway) }, undefined, chart))).toContain('[edge/edge] option-missing: edge/mine.toIngressGatewayConfig()');
    expect(messageOf(() => new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway }))).toContain('[edge/front] option-missing: edge/mine.toIngressGatewayConfig()');
  });
  test.each<[string, unknown, string]>([
    ['empty, which would select every gateway', {}, 'list-empty: edge/mine.selector must not be empty'],
    ['missing', undefined, 'option-missing: edge/mine.selector'],
    ['a list', ['istio=mine'], 'type-wrong: invalid edge/mine.selector'],
    ['no label', { 'a b': 'c' }, 'label-invalid: key of edge/mine.selector'],
  ])('fails for a gateway of one\'s own whose selector is %s', (_, selector, expected) => {
    const chart = chartOf();
    const config = IngressGateway.fromService(chart, 'ingress', { name: 'ingress' }).toIngressGatewayConfig();
    const gateway = Object.assign(new Construct(chart, 'mine'), { selector, toIngressGatewayConfig: () => config }) as unknown as IIngressGateway;
    expect(messageOf(() => edgeOf({ gateway: EdgeGateway.existing(gateway) }, undefined, chart))).toContain(`[edge/edge] ${expected}`);
  });
  test('every part is public', () => {
    const edge = new MeshEdge(chartOf(), 'edge', HA);
    expect([edge.gateway, edge.ingressGateway, edge.frontProxy, edge.vip].every(part => part !== undefined)).toBe(true);
    expect(edge.hostGateway).toBeUndefined();
  });

  test.each<[string, Partial<MeshEdgeProps>, string]>([
    ['options of a virtual IP that is not there', { virtualAddresses: undefined, networkInterface: undefined, vip: {} }, 'option-unused: vip has no effect without virtualAddresses'],
    ['the default gateway without front proxy', { frontProxy: EdgeFrontProxy.none() }, '[edge/edge] gateway-without-front-proxy: without a front proxy, clients cannot reach this gateway'],
    ['a hidden client\'s address without front proxy', { ...NO_FRONT, preserveClientAddress: false },
      '[edge/edge] option-unused: preserveClientAddress: false has no effect without a front proxy: services see the client\'s address'],
    ['a gateway on the pod network without front proxy', { frontProxy: EdgeFrontProxy.none(), gateway: EdgeGateway.podNetwork() }, '[edge/edge] gateway-without-front-proxy'],
    ['a gateway that is none', { gateway: 'sidecar' as unknown as EdgeGateway }, 'type-wrong: invalid gateway "sidecar"; expected EdgeGateway.edgeNodes(), EdgeGateway.existing() or EdgeGateway.podNetwork()'],
    ['a gateway on the edge nodes without version', { gateway: EdgeGateway.edgeNodes({ istio: {} }) }, 'istio-version-missing'],
    ['a gateway on the edge nodes as a Deployment', { gateway: EdgeGateway.edgeNodes({ istio: ISTIO, replicas: 2 }) }, '[edge/edge/gateway] replicas-with-loopback'],
    ['an interface without virtual IP', { virtualAddresses: undefined }, 'option-unused: networkInterface'],
    ['a front proxy that is none', { frontProxy: 'traefik' as unknown as EdgeFrontProxy }, 'type-wrong: invalid frontProxy "traefik"; expected EdgeFrontProxy.envoy(), '],
    ['nodes that are not given', { nodes: undefined as unknown as EdgeNodes }, '[edge/edge] option-missing: nodes is missing; expected EdgeNodes.labeled(), '],
    ['an empty list of addresses', { virtualAddresses: [] }, 'list-empty'],
    ['a missing interface', { networkInterface: undefined }, 'interface-missing'],
    ['a host gateway without version', { ...NO_FRONT, gateway: EdgeGateway.edgeNodes({ istio: {} }) }, 'istio-version-missing'],
  ])('fails for %s', (_, props, expected) => expect(messageOf(() => edgeOf(props))).toContain(expected));

  describe('with problems in several parts', () => {
    const BAD: Partial<MeshEdgeProps> = {
      gateway: EdgeGateway.podNetwork({ replicas: 0 }), frontProxy: EdgeFrontProxy.envoy({ concurrency: 0 }), networkInterface: 'eth 0', labels: { 'a b': 'c' },
    };
    const linesOf = (props: Partial<MeshEdgeProps>) => messageOf(() => edgeOf(props)).split('\n').map(line => line.split(': ')[0]);

    test('fails with those of the edge, the gateway and the virtual IP together, each once', () =>
      expect(linesOf(BAD)).toEqual(['[edge/edge] label-invalid', '[edge/edge/gateway] replicas-out-of-range', '[edge/edge/vip] interface-invalid']));
    test('fails with those of the front proxy and the virtual IP together', () =>
      expect(linesOf({ ...BAD, gateway: undefined, labels: undefined })).toEqual(['[edge/edge/front-envoy] concurrency-out-of-range', '[edge/edge/vip] interface-invalid']));
    test('fails with those of a host gateway and of the API for routes', () =>
      expect(linesOf({ gateway: ON_NODES, frontProxy: EdgeFrontProxy.envoy({ concurrency: 0 }), routeApi: RouteApi.GATEWAY_API })).toEqual(
        ['[edge/edge/front-envoy] concurrency-out-of-range', '[edge/edge] bind-unsupported']));
    test('leaves no part behind, and the same edge can be made again', () => {
      const chart = chartOf();
      expect(messageOf(() => new MeshEdge(chart, 'edge', { ...HA, gateway: ON_NODES, networkInterface: 'eth 0' }))).toContain('interface-invalid');
      expect(synth(chart)).toEqual([]);
      new MeshEdge(chart, 'edge', { ...HA, gateway: ON_NODES });
      expect(inventory(synth(chart))).toEqual(inventory(edgeOf({ gateway: ON_NODES })));
    });
  });
  test('fails for an adopted gateway that nothing stands before', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
    expect(messageOf(() => edgeOf({ gateway: EdgeGateway.existing(gateway), frontProxy: EdgeFrontProxy.none() }, undefined, chart))).toContain('[edge/edge] gateway-without-front-proxy');
  });
  test('fails for an adopted gateway on loopback that nothing stands before', () => {
    const chart = chartOf();
    const gateway = EdgeGateway.existing(new HostNetworkIngressGateway(chart, 'host', { nodes: TWO_NODES, istio: ISTIO, loopbackOnly: true }));
    expect(messageOf(() => edgeOf({ gateway, frontProxy: EdgeFrontProxy.none() }, undefined, chart))).toContain('[edge/edge] gateway-without-front-proxy');
  });
  test.each([['istio-system'], [undefined]])('the namespace %s is the edge\'s if it does not make it', namespace =>
    expect(messageOf(() => edgeOf({}, undefined, chartOf(undefined, 'edge', { namespace })))).toBe(''));
  test.each([
    [false, 'does not accept'],
    [true, 'requires'],
  ])('fails for an adopted gateway with receivesProxyProtocol %p and the contrary for the edge', (receivesProxyProtocol, says) => {
    const chart = chartOf();
    const gateway = EdgeGateway.existing(IngressGateway.fromService(chart, 'adopted', { name: 'gw', receivesProxyProtocol }));
    expect(messageOf(() => edgeOf({ gateway, preserveClientAddress: !receivesProxyProtocol }, undefined, chart)))
      .toBe(`[edge/edge] proxy-protocol-mismatch: preserveClientAddress does not fit gateway edge/adopted, which ${says} PROXY protocol, got ${!receivesProxyProtocol}; `
        + 'omit preserveClientAddress, or give it and receivesProxyProtocol of the gateway the same value');
    expect(synth(chart)).toEqual([]);
  });
  test.each([[true, true], [false, false], [true, undefined], [false, undefined]])(
    'an adopted gateway with receivesProxyProtocol %p gets what it expects, with %p for the edge', (receivesProxyProtocol, preserveClientAddress) => {
      const chart = chartOf();
      const gateway = EdgeGateway.existing(IngressGateway.fromService(chart, 'adopted', { name: 'gw', receivesProxyProtocol }));
      const text = only(edgeOf({ gateway, preserveClientAddress }, undefined, chart), 'ConfigMap', 'edge-front-envoy').data['front-envoy.yaml'];
      expect(text.includes('ProxyProtocolUpstreamTransport')).toBe(receivesProxyProtocol);
    });
  test('without a front proxy, an existing gateway sees the client\'s address with any value', () => {
    const chart = chartOf();
    const gateway = EdgeGateway.existing(new HostNetworkIngressGateway(chart, 'host', { nodes: TWO_NODES, istio: ISTIO }));
    expect(() => edgeOf({ frontProxy: EdgeFrontProxy.none(), gateway, preserveClientAddress: true }, undefined, chart)).not.toThrow();
  });
  test.each(['default', 'kube-system', 'kube-public', 'kube-node-lease', 'istio-system'])('fails for making the namespace %s, which is not the edge\'s own', namespace =>
    expect(messageOf(() => edgeOf({ createNamespace: true }, undefined, chartOf(undefined, 'edge', { namespace })))).toContain('namespace-shared'));
  test('fails for a chart whose namespace is no name', () =>
    expect(messageOf(() => edgeOf({}, undefined, chartOf(undefined, 'edge', { namespace: 'Bad NS' })))).toMatch(/^\[edge\/edge\] name-invalid: namespace of the chart.*$/));
  test('fails for a namespace that the chart has not', () =>
    expect(messageOf(() => edgeOf({ createNamespace: true }, undefined, chartOf(undefined, 'edge', {})))).toMatch(/^\[edge\/edge\] namespace-missing.*$/));
});
