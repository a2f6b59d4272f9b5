// every example's committed output is what it synthesizes today, byte for byte
import { spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import { join } from 'path';
import { parseAllDocuments } from 'yaml';
import { EXAMPLE_NAMES, EXAMPLES, filesOf, synthesizedFiles, synthesizeTo } from './support/examples';
import { ISTIO_VERSION } from '../lab/cluster/build';
import { Manifest } from '../sandbox/synth';
import { HANDOVER_IMAGE } from '../src/engines/handover/process';

const ROOT = join(__dirname, '..');

describe.each(EXAMPLE_NAMES)('example %s', example => {
  const dist = join(EXAMPLES, example, 'dist');

  test('synthesizes what is committed', () => {
    if (process.env.UPDATE_GOLDEN === '1') {
      synthesizeTo(dist, example);
    }
    expect(synthesizedFiles(example)).toEqual(filesOf(dist));
  });

  test('has output that git does not ignore', () => {
    // 0: ignored, 1: not, 128: git could not tell
    expect(spawnSync('git', ['check-ignore', '--quiet', `${dist}/edge.k8s.yaml`], { cwd: ROOT }).status).toBe(1);
  });

  test('says at the top what it shows', () => expect(readFileSync(join(EXAMPLES, example, 'main.ts'), 'utf8')).toMatch(/^\/\/ \w/));
});

// scripts/check-package.sh and check-wheel.sh run the templates
test.each(['typescript', 'python'])('the template in %s commits the output of ha-edge', language => {
  const committed = join(ROOT, 'templates', language, 'dist');
  if (process.env.UPDATE_GOLDEN === '1') synthesizeTo(committed, 'ha-edge');
  expect(filesOf(committed)).toEqual(synthesizedFiles('ha-edge'));
});

describe.each(EXAMPLE_NAMES)('the output of %s', example => {
  let text: string;
  beforeAll(() => {
    text = Object.values(synthesizedFiles(example)).join('---\n');
  });

  test('has no capability with a CAP_ prefix', () => expect(text).not.toMatch(/- CAP_/));
  test('runs nothing privileged', () => expect(text).not.toMatch(/privileged: true/));
  test('asks for no whole CPU', () => expect(text).not.toMatch(/cpu: (1000m|"?1"?)$/m));
  test('names no Istio but the one that the lab runs, beside the tools of the hand-over', () => {
    expect([...text.matchAll(/istio\/proxyv2:([\w.-]+)/g)].filter(([image, version]) => version !== ISTIO_VERSION && !HANDOVER_IMAGE.includes(image))).toEqual([]);
  });
  test('lets only the edge nodes reach a gateway on the pod network that believes PROXY headers', () => {
    const objects: Manifest[] = parseAllDocuments(text).map(document => document.toJS());
    const believing = objects.filter(({ kind, spec }) => kind === 'Deployment' && !spec.template.spec.hostNetwork
      && String(spec.template.metadata.annotations?.['proxy.istio.io/config']).includes('proxyProtocol'));
    // what istiod merges into the pods that it writes
    const overlays = objects.filter(({ kind, data }) => kind === 'ConfigMap' && data.deployment?.includes('"hostNetwork": false') && data.deployment.includes('proxyProtocol'));
    const deployed = objects.filter(({ spec }) => overlays.some(({ metadata }) => metadata.name === spec?.infrastructure?.parametersRef.name));
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    const selectors = [...believing.map(({ spec }) => spec.selector.matchLabels), ...deployed.map(({ spec }) => spec.infrastructure.labels)];
    expect(policies.map(({ spec }) => spec.podSelector)).toEqual(selectors.map(matchLabels => ({ matchLabels })));
    policies.forEach(({ spec }) => expect(spec.ingress[0].from).toEqual(
      ['192.0.2.11/32', '192.0.2.12/32'].map(cidr => ({ ipBlock: { cidr } }))));
  });
  test('always pulls nothing', () => expect(text).not.toMatch(/imagePullPolicy: Always/));
});
