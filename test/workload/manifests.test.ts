import { existsSync, mkdtempSync, readdirSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { ApiObject, App, Chart, JsonPatch, Size, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { chartOf, frontProps, messageOf, synth, TWO_NODES } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, FrontEnvoy, IngressGateway, MeshEdge, RouteApi, VirtualAddress } from '../../src';
import type { HostIstioOptions, MeshEdgeProps } from '../../src';
import { readByKubernetes } from '../support/kubernetes-reader';

const HA: MeshEdgeProps = {
  nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], preserveClientAddress: true, createNamespace: true,
};
const HOST: MeshEdgeProps = { nodes: TWO_NODES, frontProxy: EdgeFrontProxy.none() };
const onHosts = (istio: HostIstioOptions) => edge({ ...HOST, gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0', ...istio } }) });

function edge(props: MeshEdgeProps, chartProps: { namespace?: string; labels?: { [key: string]: string } } = {}): [Chart, MeshEdge] {
  const chart = new Chart(new App(), 'edge', { namespace: 'istio-ingress', ...chartProps });
  return [chart, new MeshEdge(chart, 'edge', props)];
}

/** Every prop that takes a text which ends in a manifest. */
const PROPS: { [prop: string]: (text: string) => [Chart, MeshEdge] } = {
  'a label': text => edge({ ...HA, labels: { team: text } }),
  'the key of a label': text => edge({ ...HA, labels: { [text]: 'edge' } }),
  'an annotation': text => edge({ ...HA, annotations: { 'example.com/note': text } }),
  'the key of an annotation': text => edge({ ...HA, annotations: { [text]: 'note' } }),
  'a label of the chart': text => edge(HA, { labels: { team: text } }),
  'the namespace': text => edge(HA, { namespace: text }),
  'an image': text => edge({ ...HA, frontProxy: EdgeFrontProxy.envoy({ image: text }) }),
  'a pull secret': text => edge({ ...HA, frontProxy: EdgeFrontProxy.envoy({ imagePullSecretName: text }) }),
  'a node label': text => edge({ ...HA, nodes: EdgeNodes.labeled({ role: text }), createNamespace: false, preserveClientAddress: false }),
  'a taint': text => edge({ ...HA, nodes: TWO_NODES.dedicated(text) }),
  'a hostname': text => edge({ ...HA, nodes: EdgeNodes.named(text, 'other') }),
  'a node name': text => edge({ ...HA, nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', nodeName: text }, { hostname: 'b', address: '192.0.2.2' }) }),
  'an interface': text => edge({ ...HA, networkInterface: text }),
  'the mesh': text => onHosts({ meshId: text }),
  'the cluster': text => onHosts({ clusterName: text }),
  'the trust domain': text => onHosts({ trustDomain: text }),
  'the revision': text => onHosts({ revision: text }),
  'the network': text => edge({ ...HA, gateway: EdgeGateway.podNetwork({ istio: { network: text } }) }),
  'a version': text => onHosts({ version: text }),
  ...Object.fromEntries(Object.entries({ 'Istio': RouteApi.ISTIO, 'Gateway API': RouteApi.GATEWAY_API }).flatMap(([api, routeApi]) => [
    [`a host by ${api}`, text => exposed(routeApi, text)],
    [`a service by ${api}`, text => exposed(routeApi, 'shop.example.com', { service: text })],
    [`the namespace of a service by ${api}`, text => exposed(routeApi, 'shop.example.com', { serviceNamespace: text })],
    [`a Secret by ${api}`, text => exposed(routeApi, 'shop.example.com', { tlsSecretName: text })],
    [`a path by ${api}`, text => exposed(routeApi, 'shop.example.com', { pathPrefix: text })],
  ] as [string, (text: string) => [Chart, MeshEdge]][])),
};

function exposed(routeApi: RouteApi, host: string, options: object = {}): [Chart, MeshEdge] {
  const made = edge({ ...HA, routeApi });
  made[1].expose(host, { service: 'shop', port: 80, ...options });
  return made;
}

/** More than fit into a ConfigMap. */
function manyNames(): string[] {
  return Array.from({ length: 6_000 }, (_, index) => `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.h${index}.example`);
}

/** What each prop takes at all, and what YAML reads in its own way. */
const TEXTS = [
  'a', 'a.example', '/a', '1.31.0', '0b1', '0o17', '0B1', '0x1f', '1e3', '1_000', '-_2', 'y', 'no', 'null', '1', '017', '1.5', '2001-01-01', '0b1.example', '/0b1', '\ta\nb',
];
/** What may change the structure. */
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'01789abexo_.-'), minLength: 1, maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '\t', '-', '#', '"', '\'', '{', '%', '&', '*', '\u2028', '\u0085', '\ufeff', '|', '\\'), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

test('no text in any prop changes what Kubernetes reads: it is an error, or the object holds it', () => {
  const written: { prop: string; text: string; objects: object[]; yaml: string }[] = [];
  for (const [prop, make] of Object.entries(PROPS)) {
    for (const text of new Set([...TEXTS, ...fc.sample(anyText, 15)])) {
      const message = messageOf(() => {
        const objects = synth(make(text)[0]);
        written.push({ prop, text, objects, yaml: Yaml.stringify(...objects) });
      });
      // never a TypeError: each has a code
      expect(message).toMatch(/^$|[a-z]+-[a-z]+: /);
    }
  }
  const readings = readByKubernetes(written.map(({ yaml }) => yaml));
  written.forEach(({ prop, text, objects }, index) => expect([prop, text, readings[index]]).toEqual([prop, text, { error: '', objects }]));
  expect(new Set(written.map(({ prop }) => prop))).toEqual(new Set(Object.keys(PROPS)));
}, 600_000);

describe('an annotation', () => {
  const message = (value: unknown) => messageOf(() => new FrontEnvoy(chartOf(), 'front', {
    nodes: TWO_NODES, gateway: IngressGateway.fromService(chartOf(), 'gateway', { name: 'gw' }), annotations: { 'example.com/note': value as string },
  }));

  test.each([1, null, undefined, ['a'], { a: 'b' }, true])('fails for %j, by its key', value =>
    expect(message(value)).toMatch(/^\[edge\/front\] type-wrong: invalid annotations\["example.com\/note"\] .*; expected a string$/));
  test('fails for a line break that only YAML knows, which the message shows', () =>
    expect(message('x\u2028  name: evil')).toContain('text-unprintable: annotation "example.com/note" has the character U+2028, got "x\\u{2028}  name: evil"'));
  test('fails for 256 KiB with the key, and a message that can be read', () => {
    const found = message('a'.repeat(256 * 1024));
    expect(found).toContain('annotations-too-large: annotations are larger than 256 KiB together (largest: "example.com/note"), got "262160 bytes"');
    expect(message('a'.repeat(256 * 1024 - 17))).toBe('');
  });
});

describe('synthesis', () => {
  let outdir: string;
  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), 'manifests-'));
  });
  afterEach(() => rmSync(outdir, { recursive: true }));

  /** An App of which the first chart is fine. */
  function twoCharts(then: (chart: Chart) => void): string {
    const app = new App({ outdir: join(outdir, 'dist') });
    new FrontEnvoy(chartOf(app, 'a'), 'front', { ...frontProps(chartOf(app, 'gateway')), nodes: EdgeNodes.named('a') });
    return messageOf(() => {
      then(chartOf(app, 'b'));
      app.synth();
    });
  }
  const nothingIsWritten = () => expect(existsSync(join(outdir, 'dist')) ? readdirSync(join(outdir, 'dist')) : []).toEqual([]);

  test('fails at once for memory that cdk8s-plus cannot write', () => {
    expect(twoCharts(chart => new IngressGateway(chart, 'gateway', { resources: { memory: { limit: Size.kibibytes(1_500_000) } } })))
      .toMatch(/^\[b\/gateway\] size-not-whole: resources.memory.limit is not a whole number of MiB, got "1500000Ki"; /);
    nothingIsWritten();
  });
  test('fails for a value that cdk8s cannot write, and writes nothing', () => {
    expect(twoCharts(chart => ApiObject.of(new IngressGateway(chart, 'gateway').workload).addJsonPatch(JsonPatch.test('/spec/replicas', 99))))
      .toMatch(/\[b\/gateway\] object-unwritable: Deployment b-gateway cannot be written: Failed serializing/);
    nothingIsWritten();
  });
  test('fails for a patch whose text Kubernetes reads as a number, and writes nothing', () => {
    expect(twoCharts(chart => ApiObject.of(new IngressGateway(chart, 'gateway').service).addJsonPatch(JsonPatch.add('/metadata/labels/team', '0o17'))))
      .toContain('[b/gateway] text-ambiguous: Service b-gateway, metadata, labels, team would be read as a number by Kubernetes');
    nothingIsWritten();
  });
  test('fails for a source policy with such a text too', () => {
    const chart = chartOf(new App(), 'edge', { namespace: 'a', labels: { team: '0o17' } });
    new IngressGateway(chart, 'gateway').allowTrafficOnlyFrom(TWO_NODES);
    expect(messageOf(() => synth(chart))).toContain('text-ambiguous: NetworkPolicy edge-gateway-sources, metadata, labels, team');
  });
  test('fails for server names that fill more than a ConfigMap', () => {
    expect(twoCharts(chart => {
      const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes: EdgeNodes.named('b') });
      front.addRoute({ serverNames: manyNames(), gateway: IngressGateway.fromService(chart, 'other', { name: 'other' }) });
    })).toMatch(/\[b\/front\] config-map-too-large: ConfigMap b-front-[0-9a-f]{10} has more than 1 MiB of text, got "\d{7} bytes"; /);
    nothingIsWritten();
  });
  test('fails for server names that are added after a synthesis', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    synth(chart);
    front.addRoute({ serverNames: manyNames(), gateway: IngressGateway.fromService(chart, 'other', { name: 'other' }) });
    expect(messageOf(() => synth(chart))).toContain('[edge/front] config-map-too-large');
  });
  test('fails for paths that are added after a synthesis', () => {
    const [chart, meshEdge] = edge(HA);
    const shop = meshEdge.expose('shop.example.com', { service: 'shop', port: 80 });
    synth(chart);
    for (let index = 0; index < 1_600; index++) {
      shop.addPath(`/${index}${'a'.repeat(1_000)}`, { service: 'shop', port: 80 });
    }
    expect(messageOf(() => synth(chart))).toContain('object-too-large: VirtualService');
  });
  test('fails for an object that etcd would not take', () => {
    const made = new Chart(new App(), 'edge', { namespace: 'a' });
    const meshEdge = new MeshEdge(made, 'edge', { nodes: EdgeNodes.named('a') });
    ApiObject.of(meshEdge.ingressGateway!.service).addJsonPatch(JsonPatch.add('/spec/externalName', 'a'.repeat(1_400_000)));
    expect(messageOf(() => synth(made))).toMatch(/object-too-large: Service edge-gateway is larger than etcd accepts, got "14\d{5} bytes"; /);
  });
});
