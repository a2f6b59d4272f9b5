import { Duration } from 'cdk8s';
import type { Chart } from 'cdk8s';
import { chartOf, messageOf, only, synth, TWO_NODES, yamlOf } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import {
  EdgeFrontProxy, EdgeGateway, EdgeNodes, HostNetworkIngressGateway, IngressGateway, KeepalivedVip, ManagedHostNetworkIngressGateway,
  ManagedIngressGateway, MeshEdge, RouteApi, VirtualAddress,
} from '../../src';
import type { HostGatewayProps, IIngressGateway, ManagedHostNetworkIngressGatewayProps, ManagedIngressGatewayProps, PodGatewayOptions } from '../../src';

function onHost(props: Partial<ManagedHostNetworkIngressGatewayProps> = {}): Manifest[] {
  const chart = chartOf();
  new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, ...props });
  return synth(chart);
}

function onPods(props: ManagedIngressGatewayProps = {}): Manifest[] {
  const chart = chartOf();
  new ManagedIngressGateway(chart, 'gateway', props);
  return synth(chart);
}

/** What istiod merges into one of its objects. */
const overlay = (manifests: Manifest[], key: string): Manifest => JSON.parse(only(manifests, 'ConfigMap').data[key]);
const pod = (manifests: Manifest[]) => overlay(manifests, 'deployment').spec.template;
const containerOf = (manifests: Manifest[]) => pod(manifests).spec.containers[0];

describe('a gateway that istiod deploys', () => {
  test('on the nodes matches its snapshot', () => expect(yamlOf(onHost())).toMatchSnapshot());
  test('on the pod network matches its snapshot', () => expect(yamlOf(onPods())).toMatchSnapshot());

  test.each([['nodes', onHost], ['pod network', onPods]])('on the %s: the Gateway names its overlay and comes after all objects that it needs', (_, manifestsOf) => {
    const manifests = manifestsOf();
    const { spec } = only(manifests, 'Gateway');
    expect(spec.gatewayClassName).toBe('istio');
    expect(spec.infrastructure.parametersRef).toEqual({ group: '', kind: 'ConfigMap', name: only(manifests, 'ConfigMap').metadata.name });
    expect(spec.addresses).toBeUndefined(); // with one istiod would deploy nothing
    expect(manifests[manifests.length - 1].kind).toBe('Gateway');
  });
  test('on the pod network is left alone by ambient mode, which never takes pods on the nodes\' network', () => {
    expect(pod(onPods()).metadata.labels['istio.io/dataplane-mode']).toBe('none');
    expect(pod(onHost()).metadata.labels['istio.io/dataplane-mode']).toBeUndefined();
  });
  test('has one listener, for an invalid name, on a port that no other listener has', () => {
    const { listeners } = only(onHost(), 'Gateway').spec;
    expect(listeners).toHaveLength(1);
    expect(listeners[0]).toMatchObject({ hostname: 'placeholder.invalid', port: 15_443, protocol: 'TLS', tls: { mode: 'Passthrough' } });
  });
  test('lets istiod copy only the labels of the selector', () => {
    const manifests = onHost({ labels: { team: 'web' }, annotations: { note: 'x' } });
    const { labels, annotations } = only(manifests, 'Gateway').spec.infrastructure;
    expect(annotations).toEqual({});
    expect(labels).toEqual({
      'app.kubernetes.io/name': 'istio-ingress-gateway', 'app.kubernetes.io/instance': 'edge-gateway', 'istio': 'edge-gateway', 'cdk8s-istio-edge/namespace': 'istio-ingress',
    });
    expect(pod(manifests).metadata).toMatchObject({ labels: { ...labels, team: 'web' }, annotations: { note: 'x' } });
  });
  test('belongs to the revision that is named', () => {
    expect(only(onHost({ revision: 'canary' }), 'Gateway').metadata.labels['istio.io/rev']).toBe('canary');
    expect(only(onHost(), 'Gateway').metadata.labels['istio.io/rev']).toBeUndefined();
  });
  test('leaves name, selector, image and identity to istiod', () => {
    const { kind, metadata, spec } = overlay(onPods(), 'deployment');
    expect([kind, metadata.name, metadata.namespace, spec.selector]).toEqual([undefined, undefined, undefined, undefined]);
    expect(containerOf(onPods())).not.toHaveProperty('image');
    expect(containerOf(onPods())).not.toHaveProperty('imagePullPolicy');
    expect(pod(onPods()).spec).not.toHaveProperty('serviceAccountName');
  });
  test('removes Istio\'s own resources, such as its CPU limit', () =>
    expect(containerOf(onHost()).resources).toEqual({ limits: { cpu: null, memory: '1024Mi' }, requests: { cpu: '100m', memory: '128Mi' } }));
  test('may read TLS secrets as the ServiceAccount that istiod makes', () => {
    const binding = only(onPods(), 'RoleBinding');
    expect(binding.subjects).toEqual([{ apiGroup: '', kind: 'ServiceAccount', name: 'edge-gateway-istio', namespace: 'istio-ingress' }]);
    expect(only(onPods(), 'Role').rules).toEqual([{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }]);
  });
  test('gives istiod\'s Service our ports and no external address', () =>
    expect(overlay(onHost({ listeners: [{ port: 80, targetPort: 10_080 }, { port: 8443 }] }), 'service').spec).toEqual({
      type: 'ClusterIP',
      ports: [
        { name: 'status-port', port: 15_021, targetPort: 15_021 }, { name: 'http2', port: 80, targetPort: 10_080 }, { name: 'tcp-8443', port: 8443, targetPort: 8443 },
      ],
    }));
  test('pulls its image with the secret that is named', () =>
    expect(pod(onPods({ imagePullSecretName: 'registry' })).spec.imagePullSecrets).toEqual([{ name: 'registry' }]));
  test('expects PROXY protocol if the option is set', () => {
    expect(JSON.parse(pod(onPods({ receivesProxyProtocol: true })).metadata.annotations['proxy.istio.io/config'])).toEqual({ gatewayTopology: { proxyProtocol: {} } });
    expect(pod(onPods()).metadata.annotations).toBeUndefined();
  });
});

describe('on the nodes, as the pod that is written out', () => {
  const same: [string, Partial<HostGatewayProps>][] = [
    ['by default', {}],
    ['on dedicated nodes', { nodes: EdgeNodes.labeled({ role: 'edge' }).dedicated() }],
    ['on high ports', { listeners: [{ port: 80, targetPort: 10_080 }] }],
    ['on loopback', { loopbackOnly: true }],
    ['with times of its own', { lameDuckPeriod: Duration.seconds(7), drainTimeout: Duration.minutes(2) }],
    ['as a Deployment', { replicas: 2 }],
  ];
  const written = (props: Partial<HostGatewayProps>) => {
    const chart = chartOf();
    new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' }, ...props });
    return synth(chart).find(({ kind }) => ['DaemonSet', 'Deployment'].includes(kind));
  };
  const FIELDS = ['hostNetwork', 'dnsPolicy', 'tolerations', 'priorityClassName', 'terminationGracePeriodSeconds', 'automountServiceAccountToken', 'enableServiceLinks'];

  test.each(same)('%s: has the same placement, update strategy and shutdown', (_, props) => {
    const [theirs, ours] = [overlay(onHost(props), 'deployment'), written(props)];
    expect(theirs.kind ?? 'Deployment').toBe(ours.kind);
    expect([theirs.spec.updateStrategy, theirs.spec.strategy, theirs.spec.minReadySeconds, theirs.spec.replicas])
      .toEqual([ours.spec.updateStrategy, ours.spec.strategy, ours.spec.minReadySeconds, ours.spec.replicas]);
    const spec = ours.spec.template.spec;
    FIELDS.forEach(field => expect([field, theirs.spec.template.spec[field]]).toEqual([field, spec[field]]));
    expect(theirs.spec.template.spec.affinity.nodeAffinity).toEqual(spec.affinity.nodeAffinity);
    const drain = (env: Manifest[]) => env.filter(({ name }) => ['MINIMUM_DRAIN_DURATION', 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS'].includes(name));
    expect(theirs.spec.template.spec.containers[0].env).toEqual(drain(spec.containers[0].env));
  });
  test.each(same)('%s: has the same privileges and readiness probe', (_, props) => {
    const [theirs, ours] = [pod(onHost(props)).spec, written(props).spec.template.spec];
    expect(theirs.securityContext).toEqual({ ...ours.securityContext, sysctls: null }); // kubelets refuse a sysctl of the network there
    expect(theirs.containers[0].securityContext).toEqual(ours.containers[0].securityContext);
    expect(theirs.containers[0].readinessProbe).toEqual(ours.containers[0].readinessProbe);
  });
  test('is a DaemonSet, and gives istiod the right that its chart lacks', () => {
    const manifests = onHost({ istioNamespace: 'mesh' });
    expect(overlay(manifests, 'deployment').kind).toBe('DaemonSet');
    expect(only(manifests, 'Role', 'edge-gateway-istiod').rules).toEqual([{ apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get', 'create', 'patch'] }]);
    expect(only(manifests, 'RoleBinding', 'edge-gateway-istiod').subjects).toMatchObject([{ kind: 'Group', name: 'system:serviceaccounts:mesh' }]);
    expect(only(onHost(), 'RoleBinding', 'edge-gateway-istiod').subjects).toMatchObject([{ name: 'system:serviceaccounts:istio-system' }]);
  });
  test('as a Deployment spreads its pods, has a disruption budget, and gives istiod no right', () => {
    const manifests = onHost({ replicas: 2 });
    const [term] = pod(manifests).spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(pod(manifests).metadata.labels).toMatchObject(term.labelSelector.matchLabels);
    expect(overlay(manifests, 'podDisruptionBudget').spec).toEqual({ maxUnavailable: 1 });
    expect(manifests.filter(({ kind }) => kind === 'Role')).toHaveLength(1);
    expect(onHost({ replicas: 2, istioNamespace: 'mesh' })).toEqual(manifests);
  });
  test('two Deployments of one namespace select different pods', () => {
    const chart = chartOf();
    const nodes = EdgeNodes.named('edge-3');
    new ManagedHostNetworkIngressGateway(chart, 'one', { nodes: TWO_NODES, replicas: 2 });
    new ManagedHostNetworkIngressGateway(chart, 'two', { nodes, replicas: 1 });
    const [one, two] = synth(chart).filter(({ kind }) => kind === 'ConfigMap')
      .map(({ data }) => JSON.parse(data.deployment).spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]);
    expect(one.labelSelector.matchLabels).not.toEqual(two.labelSelector.matchLabels);
  });
  test('claims its ports in the App', () => {
    const chart = chartOf();
    new ManagedHostNetworkIngressGateway(chart, 'one', { nodes: TWO_NODES });
    new HostNetworkIngressGateway(chart, 'two', { nodes: TWO_NODES, istio: { version: '1.31.0' } });
    expect(messageOf(() => synth(chart))).toContain('[edge/two] host-port-clash: tcp 80 on nodes edge-1, edge-2 is also used by edge/one');
  });
  test('can be tracked by a virtual IP', () => {
    const config = (gateway: ManagedHostNetworkIngressGateway | HostNetworkIngressGateway) =>
      ({ ...gateway.toHostListenerConfig(), hostPorts: gateway.hostPorts.map(String) });
    expect(config(new ManagedHostNetworkIngressGateway(chartOf(), 'gateway', { nodes: TWO_NODES })))
      .toEqual(config(new HostNetworkIngressGateway(chartOf(), 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } })));
  });
  test('on dual-stack nodes listens on IPv6 where istiod does', () => {
    const nodes = EdgeNodes.of({ hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' });
    const env = (dualStack?: boolean) => containerOf(onHost({ nodes, dualStack })).env.find(({ name }: Manifest) => name === 'ISTIO_DUAL_STACK')?.value;
    expect([env(true), env()]).toEqual(['true', undefined]);
    const ipv6 = (dualStack?: boolean) => new ManagedHostNetworkIngressGateway(chartOf(), 'gateway', { nodes, dualStack }).toHostListenerConfig().ipv6;
    expect([ipv6(true), ipv6()]).toEqual([true, false]);
  });
  test('gets the number of trusted proxies beside PROXY protocol', () => {
    const { annotations } = pod(onHost({ receivesProxyProtocol: true, gatewayTopology: { numTrustedProxies: 1 } })).metadata;
    expect(JSON.parse(annotations['proxy.istio.io/config'])).toEqual({ gatewayTopology: { numTrustedProxies: 1, proxyProtocol: {} } });
  });
  test('is reached by the Service that istiod makes, or on loopback', () => {
    expect(new ManagedHostNetworkIngressGateway(chartOf(), 'gateway', { nodes: TWO_NODES, clusterDomain: 'k8s.example' }).toIngressGatewayConfig())
      .toMatchObject({ serviceName: 'edge-gateway-istio', namespace: 'istio-ingress', clusterDomain: 'k8s.example', receivesProxyProtocol: false });
    expect(new ManagedHostNetworkIngressGateway(chartOf(), 'gateway', { nodes: TWO_NODES, loopbackOnly: true }).toIngressGatewayConfig())
      .toMatchObject({ bindAddress: '127.0.0.1', nodes: TWO_NODES, receivesProxyProtocol: true, listeners: [{ port: 80, targetPort: 10_080 }, { port: 443, targetPort: 10_443 }] });
  });
});

describe('on the pod network, as the pod that is injected', () => {
  const same: [string, PodGatewayOptions][] = [
    ['by default', {}], ['with replicas', { replicas: 5 }], ['with a drain of its own', { drainTimeout: Duration.minutes(2) }], ['autoscaled', { autoscaling: { maxReplicas: 4 } }],
  ];
  const injected = (props: PodGatewayOptions) => {
    const chart = chartOf();
    new IngressGateway(chart, 'gateway', props);
    return synth(chart);
  };
  test.each(same)('%s: has the same placement, update strategy, shutdown, privileges and readiness probe', (_, props) => {
    const [theirs, ours] = [overlay(onPods(props), 'deployment').spec, only(injected(props), 'Deployment').spec];
    expect([theirs.replicas, theirs.strategy, theirs.minReadySeconds]).toEqual([ours.replicas, ours.strategy, ours.minReadySeconds]);
    const [theirPod, ourPod] = [theirs.template.spec, ours.template.spec];
    expect(theirPod.securityContext).toEqual(ourPod.securityContext);
    expect(theirPod.terminationGracePeriodSeconds).toBe(ourPod.terminationGracePeriodSeconds);
    for (const field of ['env', 'securityContext', 'readinessProbe']) {
      expect([field, theirPod.containers[0][field]]).toEqual([field, ourPod.containers[0][field]]);
    }
  });
  test('can be scaled by CPU use', () => {
    const manifests = onPods({ autoscaling: { minReplicas: 3, maxReplicas: 9 } });
    expect(overlay(manifests, 'horizontalPodAutoscaler').spec).toEqual(expect.objectContaining({ minReplicas: 3, maxReplicas: 9 }));
    expect(overlay(manifests, 'horizontalPodAutoscaler').spec.scaleTargetRef).toBeUndefined();
    expect(overlay(manifests, 'deployment').spec.replicas).toBeUndefined();
  });
  test('is balanced pod by pod, through a Service without cluster IP', () => {
    const gateway = new ManagedIngressGateway(chartOf(), 'gateway', { replicas: 3 });
    expect(gateway.toIngressGatewayConfig()).toEqual({
      serviceName: 'edge-gateway-istio', headlessServiceName: 'edge-gateway-pods', namespace: 'istio-ingress', clusterDomain: 'cluster.local', maxPods: 4,
      receivesProxyProtocol: false, listeners: [{ port: 80, targetPort: 8080 }, { port: 443, targetPort: 8443 }],
    });
    const headless = only(onPods(), 'Service');
    expect(headless).toMatchObject({ metadata: { name: 'edge-gateway-pods' }, spec: { clusterIP: 'None', selector: gateway.selector } });
    expect(pod(onPods()).metadata.labels).toMatchObject(headless.spec.selector);
  });
  test('can allow front proxies only, once', () => {
    const chart = chartOf();
    const gateway = new ManagedIngressGateway(chart, 'gateway');
    gateway.allowTrafficOnlyFrom(TWO_NODES);
    expect(only(synth(chart), 'NetworkPolicy').spec).toMatchObject({ podSelector: { matchLabels: gateway.selector }, ingress: [{ ports: [{ port: 8080 }, { port: 8443 }] }, {}] });
    expect(messageOf(() => gateway.allowTrafficOnlyFrom(TWO_NODES))).toContain('[edge/gateway] source-policy-twice');
  });
});

describe('in an edge', () => {
  const edgeWith = (gateway: (chart: Chart) => IIngressGateway, props = {}) => {
    const chart = chartOf();
    const edge = new MeshEdge(chart, 'edge', {
      nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], gateway: EdgeGateway.existing(gateway(chart)), ...props,
    });
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 80, tlsSecretName: 'shop-tls' });
    return { edge, manifests: synth(chart) };
  };
  const managed = (props: Partial<ManagedHostNetworkIngressGatewayProps> = {}) =>
    (chart: Chart) => new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, ...props });

  test('answers clients itself, and the virtual IP follows it', () => {
    const { edge, manifests } = edgeWith(managed(), { frontProxy: EdgeFrontProxy.none() });
    expect([edge.frontProxy, edge.hostGateway, edge.ingressGateway]).toEqual([undefined, undefined, undefined]);
    expect(only(manifests, 'DaemonSet').metadata.name).toBe('edge-vip');
    expect(JSON.stringify(manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('edge-vip')))).toContain('15021');
  });
  test('so does a gateway that is written out', () => {
    const gateway = (chart: Chart) => new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } });
    expect(edgeWith(gateway, { frontProxy: EdgeFrontProxy.none() }).edge.vip).toBeInstanceOf(KeepalivedVip);
  });
  test('stands behind the front proxies of its own nodes, and the virtual IP follows both', () => {
    const { manifests } = edgeWith(managed({ loopbackOnly: true }), { preserveClientAddress: true });
    const texts = JSON.stringify(manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('edge-vip')));
    expect(texts).toContain('15021');
    expect(texts).toContain('edge-front-envoy http://');
    expect(only(manifests, 'Gateway', 'edge-tls-shop-tls').spec.servers.map(({ bind }: Manifest) => bind)).toEqual(['127.0.0.1', '127.0.0.1']);
  });
  test('stands behind front proxies on the pod network', () => {
    const { manifests } = edgeWith(chart => new ManagedIngressGateway(chart, 'gateway'));
    expect(JSON.stringify(manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('edge-front')))).toContain('edge-gateway-pods.istio-ingress.svc.cluster.local');
  });
  test('gets its routes from Istio\'s Gateways by its labels', () => {
    const { edge, manifests } = edgeWith(managed(), { frontProxy: EdgeFrontProxy.none() });
    expect(only(manifests, 'Gateway', 'edge-tls-shop-tls').spec.selector).toEqual(edge.gateway.selector);
    expect(pod(manifests.filter(({ kind, metadata }) => kind !== 'ConfigMap' || metadata.name === 'edge-gateway-overlay')).metadata.labels).toMatchObject(edge.gateway.selector);
  });
  test('gets its routes from other Gateways of Gateway API by its Service', () => {
    const { manifests } = edgeWith(managed(), { frontProxy: EdgeFrontProxy.none(), routeApi: RouteApi.GATEWAY_API });
    expect(only(manifests, 'Gateway', 'edge-tls-shop-tls').spec.addresses).toEqual([{ type: 'Hostname', value: 'edge-gateway-istio.istio-ingress.svc.cluster.local' }]);
  });

  test('fails for a gateway on the pod network that nothing stands before', () =>
    expect(messageOf(() => edgeWith(chart => new ManagedIngressGateway(chart, 'gateway'), { frontProxy: EdgeFrontProxy.none() })))
      .toContain('[edge/edge] gateway-without-front-proxy: without a front proxy, clients cannot reach this gateway'));
  test('fails for a gateway on loopback that nothing stands before', () =>
    expect(messageOf(() => edgeWith(managed({ loopbackOnly: true }), { frontProxy: EdgeFrontProxy.none() }))).toContain('[edge/edge] gateway-without-front-proxy'));
  test('fails for Gateway API on loopback, since its Gateways cannot say an address', () =>
    expect(messageOf(() => edgeWith(managed({ loopbackOnly: true }), { routeApi: RouteApi.GATEWAY_API }))).toContain('[edge/edge] bind-unsupported'));
  test('fails for a virtual IP on a node without the gateway', () => {
    const gateway = (chart: Chart) => new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: EdgeNodes.named('edge-1') });
    expect(messageOf(() => edgeWith(gateway, { frontProxy: EdgeFrontProxy.none() }))).toContain('vip-node-without-listener');
  });
  test('fails for a notice that is too short for the virtual IP', () => {
    const chart = chartOf();
    const gateway = new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, lameDuckPeriod: Duration.seconds(1) });
    const vip = new KeepalivedVip(chart, 'vip', {
      nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], checkInterval: Duration.seconds(2),
    });
    vip.track(gateway);
    expect(messageOf(() => synth(chart))).toContain('lame-duck-too-short');
  });
  test('fails for a name that istiod would take', () => {
    const chart = chartOf();
    new ManagedIngressGateway(chart, 'gateway');
    new IngressGateway(chart, 'gateway-istio');
    expect(messageOf(() => synth(chart))).toContain('[edge/gateway-istio] name-clash: Service edge-gateway-istio in namespace "istio-ingress" is also made by edge/gateway');
  });
});

describe('bad input', () => {
  test.each<[string, Partial<ManagedHostNetworkIngressGatewayProps>, string]>([
    ['nodes that are not given', { nodes: undefined as unknown as EdgeNodes }, '[edge/gateway] option-missing: nodes is missing; expected EdgeNodes.labeled(), EdgeNodes.named() or EdgeNodes.of()'],
    ['an invalid revision', { revision: 'a b' }, '[edge/gateway] name-invalid: revision'],
    ['an invalid istiod namespace', { istioNamespace: 'a.b' }, 'name-invalid: istioNamespace'],
    ['an invalid cluster domain', { clusterDomain: 'a b' }, 'name-invalid: clusterDomain'],
    ['a listener on the placeholder\'s port', { listeners: [{ port: 15_443 }] }, 'port-reserved-by-gateway: this port is reserved for the gateway\'s placeholder listener, got 15443; choose another port'],
    ['a listener on a port of Istio\'s proxy', { listeners: [{ port: 15_021 }] }, 'port-reserved-by-istio'],
    ['more replicas than nodes', { replicas: 3 }, 'replicas-over-nodes'],
    ['replicas on loopback', { replicas: 2, loopbackOnly: true }, 'replicas-with-loopback'],
    ['a notice that outlasts the listeners', { lameDuckPeriod: Duration.seconds(46) }, 'duration-out-of-range: lameDuckPeriod'],
    ['a label of istiod\'s', { labels: { 'gateway.networking.k8s.io/gateway-name': 'x' } }, 'label-reserved'],
    ['a label that cdk8s cannot write', { labels: { constructor: 'x' } }, 'label-invalid: cdk8s cannot write a label or annotation named constructor'],
    ['an annotation that cdk8s cannot write', { annotations: { constructor: 'x' } }, 'label-invalid'],
    ['an annotation that the construct sets', { receivesProxyProtocol: true, annotations: { 'proxy.istio.io/config': '{}' } }, 'annotation-reserved'],
  ])('fails on the nodes for %s', (_, props, expected) => expect(messageOf(() => onHost(props))).toContain(expected));

  test.each<[string, ManagedIngressGatewayProps, string]>([
    ['an invalid revision', { revision: 'a b' }, '[edge/gateway] name-invalid: revision'],
    ['an invalid cluster domain', { clusterDomain: 'a b' }, 'name-invalid: clusterDomain'],
    ['a listener on the placeholder\'s port', { listeners: [{ port: 15_443 }] }, 'port-reserved-by-gateway'],
    ['no replicas', { replicas: 0 }, 'replicas-out-of-range'],
    ['replicas beside autoscaling', { replicas: 2, autoscaling: { maxReplicas: 3 } }, 'replicas-and-autoscaling'],
    ['a drain of 5 seconds', { drainTimeout: Duration.seconds(5) }, 'duration-out-of-range: drainTimeout'],
    ['an annotation that the construct sets', { receivesProxyProtocol: true, annotations: { 'proxy.istio.io/config': '{}' } }, 'annotation-reserved'],
  ])('fails on the pod network for %s', (_, props, expected) => expect(messageOf(() => onPods(props))).toContain(expected));
});
