// each rule finds its fault in real YAML, and nothing else is alarmed by it; the repaired YAML breaks no rule
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Chart, YamlOutputType } from 'cdk8s';
import type { KubeObject } from '../../../packages/doctor/src/edge/objects';
import { readManifests } from '../../../packages/doctor/src/edge/read';
import type { Broken } from '../../../packages/doctor/src/validation/plugin';
import { EdgeValidation } from '../../../packages/doctor/src/validation/plugin';
import { RULES } from '../../../packages/doctor/src/validation/rules';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, MeshEdge, VirtualAddress } from '../../../src';
import { EXAMPLE_NAMES } from '../../support/examples';
import { objectsOf } from '../healthy';

const FIXTURES = join(__dirname, 'fixtures');
const fixtures = readdirSync(FIXTURES)
  .flatMap(rule => readdirSync(join(FIXTURES, rule)).map(file => ({ rule, file, path: join(FIXTURES, rule, file) })));
const named = (kind: string) => fixtures.filter(({ rule, file }) => file.startsWith(kind) && !NEED_MORE.includes(rule))
  .map(({ rule, file, path }) => [rule, file, path] as const);

/** Fixtures of these rules are judged below, or with the real engines. */
const NEED_MORE = ['gateway-bind', 'engine-configuration'];

const textOf = (broken: readonly Broken[]) => broken
  .map(({ what, fix, places }) => [what, ...places.map(({ location }) => location), fix].join(' | ')).join('\n');
const expected = (path: string) => new RegExp(/^# says: (.*)$/m.exec(readFileSync(path, 'utf8'))![1], 's');
const examine = (objects: readonly KubeObject[], properties = {}) => new EdgeValidation(properties).examine(objects);

test.each(named('fails'))('%s: %s', (rule, _, path) => {
  const broken = examine(readManifests([path]));
  expect(broken.map(one => one.rule)).toEqual([rule]);
  expect(textOf(broken)).toMatch(expected(path));
  expect(broken[0].fix).toMatch(/^[a-z].*[^.]$/);
});

test.each(named('passes'))('no alarm: %s, %s', (_, __, path) => expect(textOf(examine(readManifests([path])))).toBe(''));

test.each(EXAMPLE_NAMES)('no alarm: example %s', example => expect(textOf(examine(objectsOf(example)))).toBe(''));

/** T5 with a front proxy, as the library writes it. */
function loopbackEdge(frontProxy: EdgeFrontProxy): KubeObject[] {
  const folder = mkdtempSync(join(tmpdir(), 'validation-'));
  const app = new App({ outdir: folder, yamlOutputType: YamlOutputType.FILE_PER_APP });
  const edge = new MeshEdge(new Chart(app, 'edge', { namespace: 'istio-ingress' }), 'edge', {
    frontProxy,
    nodes: EdgeNodes.of({ hostname: 'edge-1', address: '192.0.2.11' }, { hostname: 'edge-2', address: '192.0.2.12' }),
    networkInterface: 'eth0',
    virtualAddresses: [VirtualAddress.of('192.0.2.100')],
    gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } }),
  });
  edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
  app.synth();
  const objects = readManifests([folder]);
  rmSync(folder, { recursive: true });
  return objects;
}

describe.each([['Envoy', EdgeFrontProxy.envoy()], ['HAProxy', EdgeFrontProxy.haproxy()], ['nginx', EdgeFrontProxy.nginx()]])('gateway-bind before %s', (_, frontProxy) => {
  const folder = join(FIXTURES, 'gateway-bind');

  test.each(readdirSync(folder).filter(file => file.startsWith('fails')))('%s', file => {
    const broken = examine([...loopbackEdge(frontProxy), ...readManifests([join(folder, file)])]);
    expect(broken.map(one => one.rule)).toEqual(['gateway-bind']);
    expect(textOf(broken)).toMatch(expected(join(folder, file)));
  });

  test('no alarm: passes.yaml', () =>
    expect(textOf(examine([...loopbackEdge(frontProxy), ...readManifests([join(folder, 'passes.yaml')])]))).toBe(''));
});

describe('no alarm and no error for what another chart of the App can write', () => {
  const object = (kind: string, content: object): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name: 'other', namespace: 'istio-ingress' }, ...content });
  const daemonSet = (spec: object): KubeObject => object('DaemonSet', {
    spec: { template: { metadata: { labels: { 'app': 'other', 'app.kubernetes.io/component': 'gateway' } }, spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', ...spec } } },
  });
  const overlay = (deployment: string) => [
    object('Gateway', { spec: { infrastructure: { parametersRef: { kind: 'ConfigMap', name: 'other' } } } }), object('ConfigMap', { data: { deployment } }),
  ];
  test.each<[string, KubeObject[]]>([
    ['a text called service', [object('ConfigMap', { data: { service: 'shop' } })]],
    ['an empty text called service', [object('ConfigMap', { data: { service: '' } })]],
    ['a text called service that is no YAML', [object('ConfigMap', { data: { service: 'a: b: c' } })]],
    ['an empty overlay', overlay('')],
    ['an overlay that is no YAML', overlay('{')],
    ['an init container with the name of the guard', [daemonSet({ initContainers: [null, { name: 'port-guard' }], containers: [] })]],
    ['a gateway without containers and ports', [daemonSet({}), object('Service', { spec: { clusterIP: 'None', selector: { app: 'other' } } })]],
    ['a Service without a spec', [daemonSet({ containers: [] }), object('Service', {})]],
    ['Istio\'s Gateway without a spec', [{ ...object('Gateway', {}), apiVersion: 'networking.istio.io/v1' }]],
    ['an address that is a number', [{ ...object('Service', {}), metadata: { name: 'other', annotations: { 'metallb.io/loadBalancerIPs': 1 as never } } }]],
  ])('%s', (_, objects) => expect(textOf(examine([...objectsOf('host-gateway'), ...objects]))).toBe(''));
});

test('every rule has a failing and a passing fixture, and a section of the page', () => {
  const page = readFileSync(join(__dirname, '../../../docs/validation.md'), 'utf8');
  const sections = [...page.matchAll(/^### (\S+)$/gm)].map(match => match[1]);
  const names = RULES.map(({ name }) => name);
  expect(sections).toEqual(names);
  for (const kind of ['fails', 'passes']) {
    expect(names.filter(name => !fixtures.some(({ rule, file }) => rule === name && file.startsWith(kind)))).toEqual([]);
  }
});

describe('properties', () => {
  const path = join(FIXTURES, 'host-network-dns/fails.yaml');

  test('ignore leaves a rule out, everywhere or for one object', () => {
    expect(examine(readManifests([path]), { ignore: ['host-network-dns'] })).toEqual([]);
    expect(examine(readManifests([path]), { ignore: ['host-network-dns DaemonSet ingress/agent'] })).toEqual([]);
    expect(examine(readManifests([path]), { ignore: ['host-network-dns DaemonSet ingress/other'] })).toHaveLength(1);
  });

  test('istioVersion decides about TLSRoute', () =>
    expect(examine(readManifests([join(FIXTURES, 'tls-route-version/fails.yaml')]), { istioVersion: '1.29' })).toEqual([]));

  test('fails on a rule and a property that do not exist', () => {
    expect(() => new EdgeValidation({ ignore: ['dns'] })).toThrow('unknown rule in the property ignore of EdgeValidation, got dns; the rules are host-port-overlap, ');
    expect(() => new EdgeValidation({ istio: '1.29' } as object)).toThrow('unknown property istio of EdgeValidation; allowed are ignore, istioVersion and clusterPerFolder');
  });

  test('clusterPerFolder compares what is in one folder only, as EdgeFleet writes it', async () => {
    const site = objectsOf('ha-edge');
    const rulesBrokenBy = async (manifests: string[], properties = {}) => {
      const rules: string[] = [];
      const report = { addViolation: ({ ruleName }: { ruleName: string }) => void rules.push(ruleName), submit: () => {} };
      await new EdgeValidation(properties).validate({ manifests, report, parseManifest: () => structuredClone(site) });
      return [...new Set(rules)];
    };
    const [fleet, one] = [['dist/store-1/edge.k8s.yaml', 'dist/store-2/edge.k8s.yaml'], ['dist/edge/a.k8s.yaml', 'dist/edge/b.k8s.yaml']];
    expect(await rulesBrokenBy(fleet)).toContain('address-twice');
    expect(await rulesBrokenBy(fleet, { clusterPerFolder: true })).toEqual([]);
    expect(await rulesBrokenBy(one, { clusterPerFolder: true })).toContain('address-twice');
  });
});

test('objects of the user can have any shape', () => {
  const odd = ['Deployment', 'DaemonSet', 'Pod', 'CronJob', 'Namespace', 'Service', 'ConfigMap', 'Gateway', 'TLSRoute'].flatMap(kind =>
    [{}, { spec: null }, { spec: { template: null } }, { spec: { template: { spec: {} } } }, { spec: { servers: 'x', template: { spec: { containers: [null], tolerations: {} } } } }, { data: null }]
      .map((rest, index): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name: `odd-${index}` }, ...rest })));
  expect(textOf(examine(odd))).toBe('');
});
