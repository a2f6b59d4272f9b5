import { Duration, Yaml } from 'cdk8s';
import { chartOf, container, messageOf, only, podSpec, synth, TWO_NODES, yamlOf } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, IngressGateway } from '../../src';
import type { IngressGatewayFromServiceOptions, IngressGatewayProps, IstioOptions } from '../../src';

function manifestsOf(props?: IngressGatewayProps, then?: (gateway: IngressGateway) => void): Manifest[] {
  const chart = chartOf();
  const gateway = new IngressGateway(chart, 'gateway', props);
  then?.(gateway);
  return synth(chart);
}

describe('IngressGateway', () => {
  let manifests: Manifest[];
  let deployment: Manifest;
  beforeAll(() => {
    manifests = manifestsOf();
    deployment = only(manifests, 'Deployment');
  });
  const env = (name: string) => container(deployment).env.find((variable: Manifest) => variable.name === name)?.value;

  test('matches its snapshot', () => expect(yamlOf(deployment)).toMatchSnapshot());

  test('is left to the injector', () => {
    expect(container(deployment).image).toBe('auto');
    expect(deployment.spec.template.metadata.labels['sidecar.istio.io/inject']).toBe('true');
    expect(deployment.spec.template.metadata.annotations['inject.istio.io/templates']).toBe('gateway');
  });
  test('is left alone by ambient mode, and its selector does not know that', () => {
    expect(deployment.spec.template.metadata.labels['istio.io/dataplane-mode']).toBe('none');
    expect(deployment.spec.selector.matchLabels['istio.io/dataplane-mode']).toBeUndefined();
  });
  test('runs the version that is asked for, and follows istiod otherwise', () => {
    const imageOf = (istio: IngressGatewayProps['istio']) => container(only(manifestsOf({ istio }), 'Deployment')).image;
    expect(imageOf({ version: '1.31.1' })).toBe('docker.io/istio/proxyv2:1.31.1');
    expect(imageOf({ version: '1.31.1', hub: 'registry.example.com/istio' })).toBe('registry.example.com/istio/proxyv2:1.31.1');
    expect(imageOf({ revision: 'canary' })).toBe('auto');
  });
  test('another version changes one line', () => {
    const linesOf = (version: string) => manifestsOf({ istio: { version } }).flatMap(manifest => Yaml.stringify(manifest).split('\n'));
    const [before, after] = [linesOf('1.31.0'), linesOf('1.31.1')];
    expect(after.filter((line, index) => line !== before[index])).toEqual(['          image: docker.io/istio/proxyv2:1.31.1']);
  });
  test('probes its pods every two seconds instead of every 15', () =>
    expect(container(deployment).readinessProbe).toEqual({
      httpGet: { path: '/healthz/ready', port: 15_021, scheme: 'HTTP' }, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 4,
    }));
  test('goes to the revision that is asked for', () =>
    expect(only(manifestsOf({ istio: { revision: 'canary' } }), 'Deployment').spec.template.metadata.labels['istio.io/rev']).toBe('canary'));
  test('is in the network that is asked for', () =>
    expect(only(manifestsOf({ istio: { network: 'site-1' } }), 'Deployment').spec.template.metadata.labels['topology.istio.io/network']).toBe('site-1'));
  test('needs no privilege: 80 and 443 are 8080 and 8443 in the pod', () => {
    expect(container(deployment).securityContext).toMatchObject({ runAsUser: 1337, runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    expect(only(manifests, 'Service', 'edge-gateway').spec.ports.map((port: Manifest) => [port.port, port.targetPort]))
      .toEqual([[15_021, 15_021], [80, 8080], [443, 8443]]);
  });
  test('has a headless Service beside the usual one', () => {
    expect(only(manifests, 'Service', 'edge-gateway-pods').spec.clusterIP).toBe('None');
    expect(only(manifests, 'Service', 'edge-gateway').spec.clusterIP).toBeUndefined();
  });
  test('adds a new pod before it deletes an old one, on different nodes if possible', () => {
    expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(podSpec(deployment).affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  });
  test('counts a new pod after front proxies had time to find it', () => expect(deployment.spec.minReadySeconds).toBe(5));
  test('ends with its last connection, and has five seconds to exit after the drain time', () => {
    expect(env('EXIT_ON_ZERO_ACTIVE_CONNECTIONS')).toBe('true');
    expect(podSpec(only(manifestsOf({ drainTimeout: Duration.seconds(30) }), 'Deployment')).terminationGracePeriodSeconds).toBe(35);
  });
  test('counts the surge pod for HAProxy', () =>
    expect(new IngressGateway(chartOf(), 'gateway', { replicas: 40 }).toIngressGatewayConfig().maxPods).toBe(41));
  test('is pulled with the secret that is given', () =>
    expect(podSpec(only(manifestsOf({ imagePullSecretName: 'pull' }), 'Deployment')).imagePullSecrets).toEqual([{ name: 'pull' }]));
  test('has a disruption budget that counts its own pods', () =>
    expect(only(manifests, 'PodDisruptionBudget').spec.selector).toEqual(deployment.spec.selector));
  test('loses one pod at a time to a drain, however many it has', () =>
    expect(only(manifestsOf({ replicas: 5 }), 'PodDisruptionBudget').spec.maxUnavailable).toBe(1));
  test('takes PROXY protocol when asked to', () => {
    const annotations = only(manifestsOf({ receivesProxyProtocol: true }), 'Deployment').spec.template.metadata.annotations;
    expect(JSON.parse(annotations['proxy.istio.io/config'])).toEqual({ gatewayTopology: { proxyProtocol: {} } });
  });
  test('counts trusted proxies, beside PROXY protocol or alone', () => {
    const config = (props: IngressGatewayProps) =>
      JSON.parse(only(manifestsOf({ gatewayTopology: { numTrustedProxies: 2 }, ...props }), 'Deployment').spec.template.metadata.annotations['proxy.istio.io/config']);
    expect(config({})).toEqual({ gatewayTopology: { numTrustedProxies: 2 } });
    expect(config({ receivesProxyProtocol: true })).toEqual({ gatewayTopology: { numTrustedProxies: 2, proxyProtocol: {} } });
    expect(config({ gatewayTopology: undefined, edgeProfile: true })).toEqual({ connectionSettings: { profile: 'EDGE' } });
  });
  test('can be scaled by CPU use, and then has no fixed number', () => {
    const scaled = manifestsOf({ autoscaling: { maxReplicas: 5, targetCpuPercent: 70 } });
    expect(only(scaled, 'HorizontalPodAutoscaler').spec).toMatchObject({
      minReplicas: 2, maxReplicas: 5, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    });
    expect(only(scaled, 'Deployment').spec.replicas).toBeUndefined();
    expect(only(scaled, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  });
  test('allows only peers that may send a PROXY header', () => {
    const policy = only(manifestsOf({}, gateway => gateway.allowTrafficOnlyFrom(TWO_NODES, ['10.244.0.0/16'])), 'NetworkPolicy');
    expect(policy.spec.ingress).toEqual([
      {
        from: [{ ipBlock: { cidr: '192.0.2.11/32' } }, { ipBlock: { cidr: '192.0.2.12/32' } }, { ipBlock: { cidr: '10.244.0.0/16' } }],
        ports: [{ protocol: 'TCP', port: 8080 }, { protocol: 'TCP', port: 8443 }],
      },
      { ports: [{ protocol: 'TCP', port: 15_021 }, { protocol: 'TCP', port: 15_020 }, { protocol: 'TCP', port: 15_090 }] },
    ]);
    expect(policy.spec.podSelector.matchLabels).toEqual(deployment.spec.selector.matchLabels);
  });
  test('lets in an IPv6 node as one address', () => {
    const nodes = EdgeNodes.of({ hostname: 'a', address: '2001:db8::1' });
    const policy = only(manifestsOf({}, gateway => gateway.allowTrafficOnlyFrom(nodes)), 'NetworkPolicy');
    expect(policy.spec.ingress[0].from).toEqual([{ ipBlock: { cidr: '2001:db8::1/128' } }]);
  });

  test.each<[string, () => unknown, string]>([
    ['replicas beside autoscaling', () => manifestsOf({ replicas: 2, autoscaling: { maxReplicas: 3 } }), '[edge/gateway] replicas-and-autoscaling'],
    ['a maximum below the minimum', () => manifestsOf({ autoscaling: { minReplicas: 3, maxReplicas: 2 } }), 'replicas-out-of-range: autoscaling.maxReplicas'],
    ['0 % CPU', () => manifestsOf({ autoscaling: { maxReplicas: 2, targetCpuPercent: 0 } }), 'percent-out-of-range'],
    ['autoscaling without a CPU request', () => manifestsOf({ autoscaling: { maxReplicas: 3 }, resources: {} }), 'cpu-request-missing'],
    ['a hub without a version', () => manifestsOf({ istio: { hub: 'registry.example.com/istio' } }), 'option-unused: istio.hub has no effect without istio.version, got "registry.example.com/istio"; give istio.version too'],
    ['what the injector fills in', () => manifestsOf({ istio: { version: '1.31.0', trustDomain: 'example.org' } as IstioOptions }),
      'option-unknown: unknown option istio.trustDomain'],
    ['a version that is none', () => manifestsOf({ istio: { version: 'latest' } }), 'istio-version-invalid'],
    ['a profile that this Istio does not know', () => manifestsOf({ edgeProfile: true, istio: { version: '1.9.0' } }), 'istio-version-too-old'],
    ['an annotation beside a topology', () => manifestsOf({ gatewayTopology: { numTrustedProxies: 1 }, annotations: { 'proxy.istio.io/config': '{}' } }), 'annotation-reserved'],
    ['what the injector fills in', () => manifestsOf({ istio: { dualStack: true } as IstioOptions }), 'option-unknown: unknown option istio.dualStack'],
    ['an annotation that is set already', () => manifestsOf({ receivesProxyProtocol: true, annotations: { 'proxy.istio.io/config': '{}' } }), 'annotation-reserved'],
    ['sources twice', () => manifestsOf({}, gateway => [1, 2].forEach(() => gateway.allowTrafficOnlyFrom(TWO_NODES))), 'source-policy-twice'],
    ['no replicas', () => manifestsOf({ replicas: 0 }), 'replicas-out-of-range'],
    ['half a replica', () => manifestsOf({ replicas: 1.5 }), 'replicas-out-of-range'],
    ['a drain of a day', () => manifestsOf({ drainTimeout: Duration.days(1) }), 'duration-out-of-range'],
    ['a drain of one and a half seconds', () => manifestsOf({ drainTimeout: Duration.millis(10_500) }), 'duration-out-of-range: drainTimeout is out of range, got "10.5 s"'],
    ['sources without addresses', () => manifestsOf({}, gateway => gateway.allowTrafficOnlyFrom(EdgeNodes.named('edge-1'))), 'addresses-unknown'],
    ['a source with host bits', () => manifestsOf({}, gateway => gateway.allowTrafficOnlyFrom(TWO_NODES, ['10.244.1.0/16'])), 'cidr-host-bits: additionalCidrs has host bits set'],
    ['a source that is no network', () => manifestsOf({}, gateway => gateway.allowTrafficOnlyFrom(TWO_NODES, ['10.244.1.0'])), 'cidr-invalid'],
  ])('fails for %s', (_, action, expected) => expect(messageOf(action)).toContain(expected));
});

describe('an adopted gateway', () => {
  const adopt = (options: Partial<IngressGatewayFromServiceOptions> = {}) =>
    IngressGateway.fromService(chartOf(), 'adopted', { name: 'istio-ingressgateway', ...options });

  test('is what its Service is', () => {
    const gateway = adopt({ namespace: 'istio-system', listeners: [{ port: 80, targetPort: 8080 }], headlessName: 'pods', receivesProxyProtocol: true });
    expect(gateway.toIngressGatewayConfig()).toEqual({
      serviceName: 'istio-ingressgateway', namespace: 'istio-system', clusterDomain: 'cluster.local', headlessServiceName: 'pods',
      listeners: [{ port: 80, targetPort: 8080 }], receivesProxyProtocol: true,
    });
  });
  test('is selected by istioctl\'s labels by default', () => {
    expect(adopt().selector).toEqual({ istio: 'ingressgateway' });
    expect(adopt({ selector: { app: 'gw' } }).selector).toEqual({ app: 'gw' });
  });
  test('makes nothing', () => {
    const chart = chartOf();
    IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
    expect(synth(chart)).toEqual([]);
  });

  test.each<[string, Partial<IngressGatewayFromServiceOptions>, string]>([
    ['an invalid name', { name: 'gw.ns' }, '[edge/adopted] name-invalid: name is not a DNS label, got "gw.ns"'],
    ['an injected namespace', { namespace: 'a\nb' }, 'name-invalid'],
    ['an invalid headless name', { headlessName: '' }, 'name-invalid'],
    ['an invalid cluster domain', { clusterDomain: 'cluster.local.' }, 'name-invalid'],
    ['an invalid selector', { selector: { 'a b': 'c' } }, 'label-invalid'],
    ['an empty selector, which would be every gateway', { selector: {} }, 'list-empty: selector must not be empty'],
    ['a headless Service without ports', { headlessName: 'pods' }, 'listeners-missing'],
    ['a name that is not set', { name: undefined as unknown as string }, '[edge/adopted] option-missing: name is missing; expected a string'],
    ['no listeners', { listeners: [] }, 'list-empty'],
    ['a listener on Istio\'s own port', { listeners: [{ port: 15_021 }] }, 'port-reserved-by-istio'],
  ])('fails for %s', (_, options, expected) => expect(messageOf(() => adopt(options))).toContain(expected));
});
