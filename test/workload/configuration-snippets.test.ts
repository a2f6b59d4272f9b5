// a user's lines reach the ConfigMap and its checksum
import { chartOf, frontProps, messageOf, nameOf, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, FrontEnvoy, FrontHaproxy, FrontNginx, KeepalivedVip, MeshEdge, VirtualAddress } from '../../src';

const VIP = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100'), VirtualAddress.of('192.0.2.101')] };

type Snippets = { [place: string]: string };
const MAKERS: { [name: string]: (chart: ReturnType<typeof chartOf>, configurationSnippets?: Snippets) => unknown } = {
  FrontEnvoy: (chart, configurationSnippets) => new FrontEnvoy(chart, 'part', { ...frontProps(chart), configurationSnippets }),
  FrontHaproxy: (chart, configurationSnippets) => new FrontHaproxy(chart, 'part', { ...frontProps(chart), configurationSnippets }),
  FrontNginx: (chart, configurationSnippets) => new FrontNginx(chart, 'part', { ...frontProps(chart), configurationSnippets }),
  KeepalivedVip: (chart, configurationSnippets) => new KeepalivedVip(chart, 'part', { ...VIP, configurationSnippets })
    .track(new FrontEnvoy(chart, 'tracked', frontProps(chart))),
};

function manifestsOf(name: string, snippets?: Snippets): { configMap: Manifest; pod: Manifest } {
  const chart = chartOf();
  MAKERS[name](chart, snippets);
  const manifests = synth(chart);
  return {
    configMap: manifests.find(manifest => manifest.kind === 'ConfigMap' && nameOf(manifest) === 'edge-part'),
    pod: manifests.find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === 'edge-part').spec.template,
  };
}

test.each([
  ['FrontEnvoy', 'listener', 'tcp_backlog_size: 1024', 2],
  ['FrontHaproxy', 'frontend', 'tcp-request connection reject if { src 198.51.100.0/24 }', 1],
  ['FrontNginx', 'server', 'deny 198.51.100.0/24;', 2],
  ['KeepalivedVip', 'vrrp_instance', 'garp_master_delay 2', 2],
])('%s has it in each %s, and another checksum', (name, place, text, times) => {
  const [without, first, second] = [undefined, { [place]: text }, { [place]: `# other\n${text}` }].map(snippets => manifestsOf(name, snippets));
  const [configuration] = Object.values<string>(first.configMap.data).filter(file => file.includes(text));
  expect(configuration.split(text)).toHaveLength(times + 1);
  const names = [without, first, second].map(({ configMap }) => configMap.metadata.name);
  const checksums = [without, first, second].map(({ pod }) => pod.metadata.annotations['cdk8s-istio-edge/config-checksum']);
  expect(new Set(names).size).toBe(3);
  expect(new Set(checksums).size).toBe(3);
});

test.each(Object.keys(MAKERS))('fails for a place that %s lacks', name =>
  expect(messageOf(() => manifestsOf(name, { nowhere: 'a' }))).toMatch(/^\[edge\/part\] snippet-place-unknown: .*got "nowhere"; expected /));
test.each(Object.keys(MAKERS))('fails for a text of %s that is no text', name =>
  expect(messageOf(() => manifestsOf(name, { nowhere: 1 } as unknown as Snippets))).toContain('type-wrong'));
test('an edge says what is wrong with the snippets of all its parts', () => {
  const message = messageOf(() => new MeshEdge(chartOf(), 'edge', {
    ...VIP, frontProxy: EdgeFrontProxy.nginx({ configurationSnippets: { server: 'deny all' } }), vip: { configurationSnippets: { global_defs: '}' } },
  }));
  expect(message).toContain('[edge/edge/front-nginx] snippet-invalid: configurationSnippets.server would change lines that it does not own: the last directive');
  expect(message).toContain('[edge/edge/vip] snippet-invalid: configurationSnippets.global_defs would change lines that it does not own: a brace closes');
});
