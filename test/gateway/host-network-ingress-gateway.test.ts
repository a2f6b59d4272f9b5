import { Duration } from 'cdk8s';
import { chartOf, container, messageOf, only, podSpec, synth, TWO_NODES, yamlOf } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, ForwardClientCertDetails, HostNetworkIngressGateway } from '../../src';
import type { HostNetworkIngressGatewayProps } from '../../src';

const MINIMAL: HostNetworkIngressGatewayProps = { nodes: EdgeNodes.named('edge-1'), istio: { version: '1.31.0' } };

function manifestsOf(props: Partial<HostNetworkIngressGatewayProps> = {}): Manifest[] {
  const chart = chartOf();
  new HostNetworkIngressGateway(chart, 'gateway', { ...MINIMAL, ...props });
  return synth(chart);
}

const env = (workload: Manifest, name: string) => container(workload).env.find((variable: Manifest) => variable.name === name)?.value;

test('matches its snapshot', () => expect(yamlOf(only(manifestsOf(), 'DaemonSet'))).toMatchSnapshot());

describe('the pod on the node', () => {
  let daemonSet: Manifest;
  beforeAll(() => {
    daemonSet = only(manifestsOf(), 'DaemonSet');
  });

  test('runs on the host network, with the cluster\'s DNS', () =>
    expect(podSpec(daemonSet)).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }));
  test('requires the node by its hostname, and avoids nodes in maintenance', () =>
    expect(podSpec(daemonSet).affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toEqual([{
      matchExpressions: [
        { key: 'kubernetes.io/hostname', operator: 'In', values: ['edge-1'] },
        { key: 'cdk8s-istio-edge/maintenance', operator: 'DoesNotExist' },
      ],
    }]));
  test('is root with one capability and nothing else', () => {
    expect(container(daemonSet).securityContext).toEqual({
      runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    });
    expect(podSpec(daemonSet).securityContext).toEqual({ runAsNonRoot: false, seccompProfile: { type: 'RuntimeDefault' } });
  });
  test('is uid 1337 without a capability if every port is above 1023', () => {
    const [high] = manifestsOf({ listeners: [{ port: 80, targetPort: 10_080 }] }).filter(manifest => manifest.kind === 'DaemonSet');
    expect(container(high).securityContext).toMatchObject({ runAsUser: 1337, runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    expect(podSpec(high).securityContext.runAsNonRoot).toBe(true);
  });
  test('never sets a sysctl, which the host network forbids', () => expect(JSON.stringify(daemonSet)).not.toContain('sysctl'));
  test('replaces the old pod before the new one starts', () =>
    expect(daemonSet.spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }));
  test('must be ready for five seconds before the next node follows', () => expect(daemonSet.spec.minReadySeconds).toBe(5));
  test('tolerates the taint of dedicated nodes', () => {
    const dedicated = only(manifestsOf({ nodes: EdgeNodes.named('edge-1').dedicated() }), 'DaemonSet');
    expect(podSpec(dedicated).tolerations).toEqual([{ key: 'node-role.kubernetes.io/edge', operator: 'Exists' }]);
  });
  test('can be chosen by label', () => {
    const labeled = only(manifestsOf({ nodes: EdgeNodes.labeled({ role: 'edge' }) }), 'DaemonSet');
    expect(JSON.stringify(podSpec(labeled).affinity)).toContain('{"key":"role","operator":"In","values":["edge"]}');
  });
});

describe('the written-out pod', () => {
  let daemonSet: Manifest;
  beforeAll(() => {
    daemonSet = only(manifestsOf(), 'DaemonSet');
  });

  test('is not for the injector', () => {
    expect(daemonSet.spec.template.metadata.labels['sidecar.istio.io/inject']).toBe('false');
    expect(daemonSet.spec.template.metadata.annotations['sidecar.istio.io/inject']).toBe('false');
  });
  test('runs proxyv2 of the version as router', () => {
    expect(container(daemonSet)).toMatchObject({ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0' });
    expect(container(daemonSet).args.slice(0, 4)).toEqual(['proxy', 'router', '--domain', '$(POD_NAMESPACE).svc.cluster.local']);
  });
  test('has identity, root certificate and labels where the agent looks for them', () => {
    const mounts = Object.fromEntries(container(daemonSet).volumeMounts.map((mount: Manifest) => [mount.name, mount.mountPath]));
    expect(mounts).toMatchObject({
      'istio-token': '/var/run/secrets/tokens', 'istiod-ca-cert': '/var/run/secrets/istio', 'istio-podinfo': '/etc/istio/pod',
      'istio-envoy': '/etc/istio/proxy', 'workload-socket': '/var/run/secrets/workload-spiffe-uds',
    });
    expect(podSpec(daemonSet).volumes.find((volume: Manifest) => volume.name === 'istio-token').projected.sources)
      .toEqual([{ serviceAccountToken: { audience: 'istio-ca', expirationSeconds: 43_200, path: 'istio-token' } }]);
  });
  test('gets every name of the mesh that is given', () => {
    const workload = only(manifestsOf({
      istio: {
        version: '1.31.0', revision: 'canary', hub: 'registry.example.com/istio', namespace: 'mesh', trustDomain: 'example.org',
        clusterName: 'west', clusterDomain: 'k8s.example', network: 'net-1', meshId: 'mesh-1',
      },
    }), 'DaemonSet');
    expect(container(workload).image).toBe('registry.example.com/istio/proxyv2:1.31.0');
    expect(container(workload).args).toContain('$(POD_NAMESPACE).svc.k8s.example');
    expect(env(workload, 'CA_ADDR')).toBe('istiod-canary.mesh.svc:15012');
    expect(JSON.parse(env(workload, 'PROXY_CONFIG'))).toEqual({ discoveryAddress: 'istiod-canary.mesh.svc:15012' });
    expect(env(workload, 'TRUST_DOMAIN')).toBe('example.org');
    expect(env(workload, 'ISTIO_META_CLUSTER_ID')).toBe('west');
    expect(env(workload, 'ISTIO_META_MESH_ID')).toBe('mesh-1');
    expect(env(workload, 'ISTIO_META_NETWORK')).toBe('net-1');
    expect(workload.spec.template.metadata.labels['topology.istio.io/network']).toBe('net-1');
  });
  test('takes a trust domain that is longer than a label, which is the id of the mesh too', () => {
    const trustDomain = `${'a'.repeat(63)}.example.org`;
    expect(env(only(manifestsOf({ istio: { version: '1.31.0', trustDomain } }), 'DaemonSet'), 'ISTIO_META_MESH_ID')).toBe(trustDomain);
  });
  test.each([[5000, 25_000], [60_000, 5488]])('on loopback opens the next free port for %d, where the one that is 10000 higher is not free', (port, targetPort) =>
    expect(only(manifestsOf({ loopbackOnly: true, listeners: [{ port }] }), 'Service').spec.ports.at(-1)).toMatchObject({ port, targetPort }));
  test('needs no version if it has an image', () => {
    const image = 'registry.example.com/proxy@sha256:' + '0'.repeat(64);
    expect(container(only(manifestsOf({ image, istio: {} }), 'DaemonSet')).image).toBe(image);
  });
  test('finds istiod of the revision default by its own name', () =>
    expect(env(only(manifestsOf({ istio: { version: '1.31.0', revision: 'default' } }), 'DaemonSet'), 'CA_ADDR')).toBe('istiod.istio-system.svc:15012'));
  test('expects PROXY protocol when asked to', () =>
    expect(JSON.parse(env(only(manifestsOf({ receivesProxyProtocol: true }), 'DaemonSet'), 'PROXY_CONFIG')))
      .toMatchObject({ gatewayTopology: { proxyProtocol: {} } }));
  test('drains: unhealthy at once, open for the lame duck period, gone when no client is connected or the time is over', () => {
    const workload = only(manifestsOf({ lameDuckPeriod: Duration.seconds(7), drainTimeout: Duration.minutes(2) }), 'DaemonSet');
    expect(env(workload, 'MINIMUM_DRAIN_DURATION')).toBe('7s');
    expect(env(workload, 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS')).toBe('true');
    expect(podSpec(workload).terminationGracePeriodSeconds).toBe(127);
  });
  test('has no hook, and so needs no shell in its image', () => {
    const workload = only(manifestsOf({ istio: { version: '1.31.0-distroless' } }), 'DaemonSet');
    expect(container(workload)).toMatchObject({ image: 'docker.io/istio/proxyv2:1.31.0-distroless' });
    expect(container(workload).lifecycle).toBeUndefined();
  });
});

describe('around the pod', () => {
  test('a Service maps ports and finds the pods', () => {
    const manifests = manifestsOf({ listeners: [{ port: 80, targetPort: 10_080 }, { port: 8443 }] });
    const service = only(manifests, 'Service');
    expect(service.spec.ports).toEqual([
      { name: 'status-port', port: 15_021, targetPort: 15_021 },
      { name: 'http2', port: 80, targetPort: 10_080 },
      { name: 'tcp-8443', port: 8443, targetPort: 8443 },
    ]);
    expect(only(manifests, 'DaemonSet').spec.template.metadata.labels).toMatchObject(service.spec.selector);
    expect(only(manifests, 'DaemonSet').spec.selector.matchLabels).toEqual(service.spec.selector);
  });
  test('a RoleBinding lets it read TLS secrets', () => {
    const manifests = manifestsOf();
    expect(only(manifests, 'Role').rules).toEqual([{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }]);
    expect(only(manifests, 'RoleBinding').subjects).toMatchObject([{ kind: 'ServiceAccount', name: podSpec(only(manifests, 'DaemonSet')).serviceAccountName }]);
  });
});

describe('as a Deployment', () => {
  let manifests: Manifest[];
  let deployment: Manifest;
  beforeAll(() => {
    manifests = manifestsOf({ nodes: TWO_NODES, replicas: 2 });
    deployment = only(manifests, 'Deployment');
  });

  test('has no surge pod, which could never get its ports', () =>
    expect(deployment.spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }));
  test('puts at most one pod on a node', () =>
    expect(podSpec(deployment).affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey).toBe('kubernetes.io/hostname'));
  test('has a disruption budget of one pod at a time', () => expect(only(manifests, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1));
  test('has no disruption budget with one replica, which would only block drains', () =>
    expect(manifestsOf({ replicas: 1 }).some(manifest => manifest.kind === 'PodDisruptionBudget')).toBe(false));
  test('owns itself', () => expect(env(deployment, 'ISTIO_META_OWNER')).toBe('kubernetes://apis/apps/v1/namespaces/istio-ingress/deployments/edge-gateway'));
});

describe('on loopback only', () => {
  const gatewayOf = (props: Partial<HostNetworkIngressGatewayProps> = {}) =>
    new HostNetworkIngressGateway(chartOf(), 'gateway', { ...MINIMAL, nodes: TWO_NODES, loopbackOnly: true, ...props });

  test('is Istio\'s own user without any capability, on high ports', () => {
    const manifests = manifestsOf({ loopbackOnly: true });
    expect(container(only(manifests, 'DaemonSet')).securityContext).toMatchObject({ runAsUser: 1337, runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    expect(container(only(manifests, 'DaemonSet')).securityContext.capabilities.add).toBeUndefined();
    expect(only(manifests, 'Service').spec.ports.map((port: Manifest) => [port.port, port.targetPort])).toEqual([[15_021, 15_021], [80, 10_080], [443, 10_443]]);
  });
  test('claims its ports of 127.0.0.1, and Istio\'s own of every address', () => {
    const ports = gatewayOf().hostPorts.map(String);
    expect(ports.filter(port => port.includes(':'))).toEqual(['127.0.0.1:10080', '127.0.0.1:10443']);
    expect(ports).toEqual(expect.arrayContaining(['15020', '15021', '15090']));
  });
  test('gives the bind address to Gateways and front proxies', () =>
    expect(gatewayOf().toIngressGatewayConfig()).toMatchObject({
      bindAddress: '127.0.0.1', nodes: TWO_NODES, listeners: [{ port: 80, targetPort: 10_080 }, { port: 443, targetPort: 10_443 }],
    }));
  test('binds every address without it: no bindAddress', () =>
    expect(Object.keys(gatewayOf({ loopbackOnly: undefined }).toIngressGatewayConfig())).not.toEqual(expect.arrayContaining(['bindAddress'])));
  test('listens on ::1 if all nodes have IPv6 only', () => {
    const nodes = EdgeNodes.of({ hostname: 'a', address: '2001:db8::11' }, { hostname: 'b', address: '2001:db8::12' });
    expect(gatewayOf({ nodes }).toIngressGatewayConfig().bindAddress).toBe('::1');
    expect(gatewayOf({ nodes }).hostPorts.map(String).filter(port => port.includes(':'))).toEqual(['[::1]:10080', '[::1]:10443']);
  });
  test('expects PROXY protocol by default', () => {
    expect(gatewayOf().toIngressGatewayConfig().receivesProxyProtocol).toBe(true);
    expect(gatewayOf({ receivesProxyProtocol: false }).toIngressGatewayConfig().receivesProxyProtocol).toBe(false);
    expect(gatewayOf({ loopbackOnly: false }).toIngressGatewayConfig().receivesProxyProtocol).toBe(false);
  });
  test('opens the target ports that it is given', () =>
    expect(gatewayOf({ listeners: [{ port: 80, targetPort: 20_080 }, { port: 8443 }] }).toIngressGatewayConfig().listeners)
      .toEqual([{ port: 80, targetPort: 20_080 }, { port: 8443, targetPort: 18_443 }]));
  test('stands behind IPv6 listeners too', () => expect(gatewayOf().toHostListenerConfig().ipv6).toBe(true));
});

describe('address families', () => {
  const SINGLE = EdgeNodes.of({ hostname: 'a', address: '2001:db8::11' }, { hostname: 'b', address: '2001:db8::12' });
  const DUAL = EdgeNodes.of(
    { hostname: 'a', address: '192.0.2.11', ipv6Address: '2001:db8::11' }, { hostname: 'b', address: '192.0.2.12', ipv6Address: '2001:db8::12' });
  const servesIpv6 = (props: Partial<HostNetworkIngressGatewayProps>) =>
    new HostNetworkIngressGateway(chartOf(), 'gateway', { ...MINIMAL, ...props }).toHostListenerConfig().ipv6;
  const dualStack = { version: '1.31.0', dualStack: true };

  test.each<[string, Partial<HostNetworkIngressGatewayProps>, boolean]>([
    ['nodes with IPv6 only', { nodes: SINGLE }, true],
    ['dual-stack nodes, where istiod opens IPv4 only', { nodes: DUAL }, false],
    ['dual-stack nodes, where istiod is told of both', { nodes: DUAL, istio: dualStack }, true],
    ['nodes with IPv4 only', { nodes: TWO_NODES }, false],
    ['nodes whose addresses are not known', { nodes: EdgeNodes.named('a', 'b') }, false],
    ['such nodes, where istiod is told of both families', { nodes: EdgeNodes.named('a', 'b'), istio: dualStack }, true],
  ])('on %s: IPv6 clients are served or not', (_, props, expected) => expect(servesIpv6(props)).toBe(expected));
  test('the agent gets the same setting as istiod', () => {
    expect(env(only(manifestsOf({ istio: dualStack }), 'DaemonSet'), 'ISTIO_DUAL_STACK')).toBe('true');
    expect(env(only(manifestsOf(), 'DaemonSet'), 'ISTIO_DUAL_STACK')).toBeUndefined();
  });
});

describe('proxies in front of it', () => {
  const topology = (props: Partial<HostNetworkIngressGatewayProps>) =>
    JSON.parse(env(only(manifestsOf(props), 'DaemonSet'), 'PROXY_CONFIG')).gatewayTopology;

  test('the number of trusted proxies is written beside PROXY protocol', () => {
    const gatewayTopology = { numTrustedProxies: 1, forwardClientCertDetails: ForwardClientCertDetails.SANITIZE };
    expect(topology({ loopbackOnly: true, gatewayTopology })).toEqual({ numTrustedProxies: 1, forwardClientCertDetails: 'SANITIZE', proxyProtocol: {} });
    expect(topology({ gatewayTopology })).toEqual({ numTrustedProxies: 1, forwardClientCertDetails: 'SANITIZE' });
    expect(topology({})).toBeUndefined();
  });
  test('edgeProfile is written beside PROXY protocol', () => {
    const config = JSON.parse(env(only(manifestsOf({ receivesProxyProtocol: true, edgeProfile: true }), 'DaemonSet'), 'PROXY_CONFIG'));
    expect(config).toMatchObject({ gatewayTopology: { proxyProtocol: {} }, connectionSettings: { profile: 'EDGE' } });
    expect(env(only(manifestsOf(), 'DaemonSet'), 'PROXY_CONFIG')).not.toContain('connectionSettings');
  });
  test.each(['1.31.0', '1.31.1', '1.100.0'])('Istio %s knows the profile', version =>
    expect(messageOf(() => manifestsOf({ edgeProfile: true, istio: { version } }))).toBe(''));
  test('Istio\'s annotation is allowed if it replaces nothing', () =>
    expect(messageOf(() => manifestsOf({ annotations: { 'proxy.istio.io/config': '{"concurrency":2}' } }))).toBe(''));
});

describe('bad input', () => {
  test.each<[string, Partial<HostNetworkIngressGatewayProps>, string]>([
    ['a missing version', { istio: {} }, '[edge/gateway] istio-version-missing: istio.version or image is missing: the manifest of this gateway names the image; '],
    ['an invalid version', { istio: { version: '1.29' } }, '[edge/gateway] istio-version-invalid: istio.version is not an Istio version, got "1.29"; '],
    ['a version with a quote', { istio: { version: '1.31.0"' } }, 'istio-version-invalid'],
    ['an invalid revision', { istio: { version: '1.31.0', revision: 'a b' } }, 'name-invalid'],
    ['an invalid hub', { istio: { version: '1.31.0', hub: 'https://docker.io' } }, 'istio-hub-invalid'],
    ['an invalid istiod namespace', { istio: { version: '1.31.0', namespace: 'a.b' } }, 'name-invalid'],
    ['an invalid trust domain', { istio: { version: '1.31.0', trustDomain: 'a}b' } }, 'name-invalid'],
    ['an invalid cluster name', { istio: { version: '1.31.0', clusterName: 'a\nb' } }, 'label-invalid'],
    ['an invalid network', { istio: { version: '1.31.0', network: '${a}' } }, 'label-invalid'],
    ['a notice that outlasts the listeners', { lameDuckPeriod: Duration.seconds(46) }, 'duration-out-of-range: lameDuckPeriod is out of range, got "46 s"'],
    ['a hub with a tag', { istio: { version: '1.31.0', hub: 'docker.io/istio:1.0' } }, 'istio-hub-invalid: istio.hub is not a registry and path'],
    ['an empty cluster name', { istio: { version: '1.31.0', clusterName: '' } }, 'name-invalid: istio.clusterName must not be empty'],
    ['a revision that is not set', { istio: { version: '1.31.0', revision: null as unknown as string } }, 'type-wrong: invalid istio.revision null; expected a string'],
    ['an annotation that the construct sets', { annotations: { 'istio.io/rev': 'x' } }, 'annotation-reserved'],
    ['an annotation that would switch PROXY protocol off', {
      loopbackOnly: true, nodes: TWO_NODES, annotations: { 'proxy.istio.io/config': '{"gatewayTopology":{"numTrustedProxies":1}}' },
    }, 'annotation-reserved: this annotation would override gatewayTopology, edgeProfile and PROXY protocol, got "proxy.istio.io/config"; omit it, and use gatewayTopology'],
    ['trusted proxies that are no number', { gatewayTopology: { numTrustedProxies: 1.5 } }, 'trusted-proxies-out-of-range: gatewayTopology.numTrustedProxies'],
    ['details that Istio does not know', { gatewayTopology: { forwardClientCertDetails: 'ALL' as ForwardClientCertDetails } }, 'gatewayTopology.forwardClientCertDetails'],
    ['a profile that this Istio does not know', { edgeProfile: true, istio: { version: '1.30.4' } }, 'istio-version-too-old: edgeProfile needs Istio 1.31 or newer, got "1.30.4"; upgrade Istio'],
    ['an annotation that would replace the profile', { edgeProfile: true, annotations: { 'proxy.istio.io/config': '{}' } }, 'annotation-reserved'],
    ['no listeners', { listeners: [] }, 'list-empty: ports of listeners must not be empty'],
    ['port 0', { listeners: [{ port: 0 }] }, 'port-out-of-range'],
    ['port 65536', { listeners: [{ port: 80, targetPort: 65_536 }] }, 'port-out-of-range: targetPort of a listener'],
    ['one port twice', { listeners: [{ port: 80 }, { port: 80, targetPort: 81 }] }, 'port-twice'],
    ['one target port twice', { listeners: [{ port: 80 }, { port: 81, targetPort: 80 }] }, 'port-twice: target ports'],
    ['a listener on a port of Istio\'s proxy', { listeners: [{ port: 15_021 }] }, 'port-reserved-by-istio: port of a listener is reserved by Istio\'s proxy (health checks), got 15021'],
    ['a target port of Istio\'s proxy', { listeners: [{ port: 80, targetPort: 15_090 }] }, 'port-reserved-by-istio: targetPort'],
    ['more replicas than nodes', { replicas: 2 }, 'replicas-over-nodes: there are more replicas than nodes, got 2; each replica needs its own node: use at most 1'],
    ['replicas on loopback', { nodes: TWO_NODES, replicas: 2, loopbackOnly: true }, 'replicas-with-loopback: replicas cannot be used with loopbackOnly: a front proxy reaches only the gateway on its own node, got 2; omit replicas'],
    ['no replicas', { replicas: 0 }, 'replicas-out-of-range'],
    ['a drain of 5 seconds', { drainTimeout: Duration.seconds(5) }, 'duration-out-of-range: drainTimeout is out of range, got "5 s"; expected 10 s to 3600 s'],
    ['an image with a newline', { image: 'a\nb' }, 'image-invalid'],
    ['an invalid label', { labels: { 'a b': 'c' } }, 'label-invalid: key of label does not have the form of a label key, got "a b"'],
    ['a label that selectors use', { labels: { istio: 'ingressgateway' } }, 'label-reserved: the construct sets this label itself, got "istio"'],
    ['an invalid annotation', { annotations: { 'a b': 'c' } }, 'label-invalid'],
    ['an invalid pull secret', { imagePullSecretName: 'A' }, 'name-invalid: imagePullSecretName'],
  ])('fails for %s', (_, props, expected) => expect(messageOf(() => manifestsOf(props))).toContain(expected));

  test('fails with all problems at once', () =>
    expect(messageOf(() => manifestsOf({ istio: {}, replicas: 9, listeners: [{ port: 0 }] })).split('\n')).toHaveLength(4));
});
