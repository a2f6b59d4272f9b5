import { App, Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { chartOf, frontProps, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import {
  EdgeNodes, FrontEnvoy, HostNetworkIngressGateway, IngressGateway, KeepalivedVip, ManagedHostNetworkIngressGateway, ManagedIngressGateway, MeshEdge,
  RouteApi, VirtualAddress,
} from '../../src';

const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const fullName = (manifest: Manifest) => `${manifest.kind}/${manifest.metadata.namespace}/${manifest.metadata.name}`;

function twoEdges(chart: ReturnType<typeof chartOf>): void {
  new MeshEdge(chart, 'internal', { nodes: EdgeNodes.named('a') });
  new MeshEdge(chart, 'external', { nodes: EdgeNodes.named('b') });
}

describe('names', () => {
  test('are those of the construct, for all of its objects', () => {
    const chart = chartOf();
    new FrontEnvoy(chart, 'front-envoy', frontProps(chart));
    const manifests = synth(chart);
    expect(only(manifests, 'DaemonSet').metadata.name).toBe('edge-front-envoy');
    expect(only(manifests, 'ConfigMap').metadata.name).toMatch(/^edge-front-envoy-[0-9a-f]{10}$/);
  });

  test.each<[string, (app: App) => unknown]>([
    ['MeshEdge', app => new MeshEdge(app, 'edge', { nodes: TWO_NODES })],
    ['IngressGateway', app => new IngressGateway(app, 'gateway')],
    ['HostNetworkIngressGateway', app => new HostNetworkIngressGateway(app, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } })],
    ['ManagedIngressGateway', app => new ManagedIngressGateway(app, 'gateway')],
    ['ManagedHostNetworkIngressGateway', app => new ManagedHostNetworkIngressGateway(app, 'gateway', { nodes: TWO_NODES })],
    ['IngressGateway.fromService()', app => IngressGateway.fromService(app, 'gateway', { name: 'gateway' })],
    ['FrontEnvoy', app => new FrontEnvoy(app, 'front', frontProps(chartOf()))],
    ['KeepalivedVip', app => new KeepalivedVip(app, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] })],
  ])('fail for a %s outside of a chart', (_, make) =>
    expect(messageOf(() => make(new App()))).toMatch(/^\[[a-z]+\] chart-missing: the construct is not in a chart; make a chart/));

  test.each([
    ['two edges in one chart', () => [synthOf({ namespace: 'istio-ingress' })]],
    ['a chart without namespace', () => [synthOf({})]],
    ['a chart without resource name hashes',
      () => [synthOf({ namespace: 'istio-ingress', disableResourceNameHashes: true })]],
    ['two charts in one app', () => {
      const app = new App();
      return ['one', 'two'].map((id, index) => {
        const chart = chartOf(app, id);
        new MeshEdge(chart, 'edge', { nodes: EdgeNodes.named(`edge-${index}`) });
        return synth(chart);
      });
    }],
  ])('are valid and distinct for %s', (_, charts) => {
    const manifests = charts().flat();
    expect(new Set(manifests.map(fullName)).size).toBe(manifests.length);
    for (const manifest of manifests) {
      expect(manifest.metadata.name).toMatch(DNS_LABEL);
    }
  });

  function synthOf(props: object): Manifest[] {
    const chart = chartOf(new App(), 'edge', props);
    twoEdges(chart);
    return synth(chart);
  }

  test.each([
    ['edge', 'edge', 'edge'],
    ['edge', 'front', 'edge-front'],
    ['Shop.Edge', 'Front Proxy', 'shop-edge-front-proxy'],
    ['7eleven', 'front', 'edge-7eleven-front'],
    ['edge', 'Default', 'edge'],
  ])('of chart %j and construct %j are %s', (chartId, id, expected) => {
    const chart = chartOf(new App(), chartId);
    new HostNetworkIngressGateway(chart, id, { nodes: EdgeNodes.named('a'), istio: { version: '1.31.0' } });
    expect(only(synth(chart), 'DaemonSet').metadata.name).toBe(expected);
  });

  test('too long for Kubernetes are cut and told apart by a hash', () => {
    const chart = chartOf();
    const long = 'a-construct-with-an-id-that-goes-on-and-on-and-on';
    new HostNetworkIngressGateway(chart, `${long}-1`, { nodes: EdgeNodes.named('a'), istio: { version: '1.31.0' } });
    new HostNetworkIngressGateway(chart, `${long}-2`, { nodes: EdgeNodes.named('b'), istio: { version: '1.31.0' } });
    const [one, two] = synth(chart).filter(manifest => manifest.kind === 'DaemonSet').map(manifest => manifest.metadata.name);
    expect(one).not.toBe(two);
    expect(one.length).toBeLessThanOrEqual(46);
  });

  test('with dots and underscores, too long for Kubernetes, are cut to a DNS label', () => {
    const chart = chartOf(new App(), 'edge');
    new HostNetworkIngressGateway(chart, 'gateway.frankfurt.example.com-production_1', { nodes: EdgeNodes.named('a'), istio: { version: '1.31.0' } });
    expect(only(synth(chart), 'Service').metadata.name).toBe('gateway-frankfurt-example-com-pr-c8a2ce70');
  });

  test('fails when two constructs would make the same object', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
    new FrontEnvoy(chart, 'a.b', { nodes: EdgeNodes.named('a'), gateway });
    new FrontEnvoy(chart, 'a-b', { nodes: EdgeNodes.named('b'), gateway });
    expect(messageOf(() => synth(chart)))
      .toContain('[edge/a-b] name-clash: DaemonSet edge-a-b in namespace "istio-ingress" is also made by edge/a.b; give one');
  });

  test('of two namespaces may be the same', () => {
    const app = new App();
    for (const namespace of ['public', 'internal']) {
      const chart = chartOf(new Chart(app, namespace), 'edge', { namespace });
      new HostNetworkIngressGateway(chart, 'gateway', { nodes: EdgeNodes.named(namespace), istio: { version: '1.31.0' } });
    }
    expect(messageOf(() => app.synthYaml())).toBe('');
  });

  test('a chart without namespace means default, and says so', () => {
    const chart = chartOf(new App(), 'edge', {});
    new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway: new IngressGateway(chart, 'gateway') });
    const manifests = synth(chart);
    expect(new Set(manifests.map(manifest => manifest.metadata.namespace))).toEqual(new Set(['default']));
    expect(only(manifests, 'ConfigMap').data['front-envoy.yaml']).toContain('edge-gateway-pods.default.svc.cluster.local');
  });

  test.each<[unknown, string]>([
    [5, 'type-wrong: invalid namespace of the chart 5; expected a string'],
    ['Edge', 'name-invalid: namespace of the chart is not a DNS label, got "Edge"'],
  ])('fails for a chart in the namespace %j', (namespace, expected) => {
    const chart = chartOf(new App(), 'edge', { namespace: namespace as string });
    expect(messageOf(() => new IngressGateway(chart, 'gateway'))).toContain(`[edge/gateway] ${expected}`);
  });
});

/** RFC 1035: what Services must have. */
const SERVICE_NAME = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain. */
const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
/** Istio's webhook wants them to be labels too. */
const LABELS_ONLY = ['Service', 'Namespace', 'Gateway'];

/** Values of all labels and selectors of an object, and of the pods that it makes. */
function labelValues({ metadata, spec = {} }: Manifest): string[] {
  const maps = [metadata.labels, spec.template?.metadata.labels, spec.selector?.matchLabels, spec.podSelector?.matchLabels];
  return maps.flatMap(labels => Object.values<string>(labels ?? {}));
}

describe('any id', () => {
  const any = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
    fc.string({ unit: fc.constantFrom('a', 'B', '0', '9', '.', '_', '-', ' ', '/', 'ä', 'İ'), minLength: 1, maxLength: 80 }),
    fc.constantFrom('Default', 'Resource', '-', '.', '_', '7', 'default-resource', '_a'.repeat(40), `${'a'.repeat(40)}.`, 'edge'),
    // what every object has cannot be an id in constructs
  ).filter(id => !(id in {}));

  test.each([['Istio', RouteApi.ISTIO], ['Gateway API', RouteApi.GATEWAY_API]])('makes names and labels that the API server takes, with %s', (_, routeApi) => fc.assert(fc.property(any, any, (chartId, id) => {
    const chart = chartOf(new App(), chartId, { namespace: 'a'.repeat(63) });
    const edge = new MeshEdge(chart, id, {
      nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], preserveClientAddress: true, createNamespace: true, routeApi,
    });
    edge.ingressGateway!.allowTrafficOnlyFrom(TWO_NODES);
    edge.expose(`${'a.'.repeat(120)}com`, { service: 'a'.repeat(63), serviceNamespace: 'b'.repeat(63), port: 80, tlsSecretName: `${'a.'.repeat(120)}com` });
    const manifests = synth(chart);
    expect(new Set(manifests.map(fullName)).size).toBe(manifests.length);
    for (const manifest of manifests) {
      expect(manifest.metadata.name).toMatch(LABELS_ONLY.includes(manifest.kind) ? SERVICE_NAME : OBJECT_NAME);
      labelValues(manifest).forEach(value => expect(value).toMatch(LABEL_VALUE));
    }
  }), { numRuns: 60 }));
});
