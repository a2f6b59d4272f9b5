// imageRegistry moves every image; docs/mirror-and-air-gap.md lists which; UPDATE_GOLDEN=1 rewrites its table
import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { chartOf, container, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, FrontEnvoy, Handover, IngressGateway, ManagedHostNetworkIngressGateway, ManagedIngressGateway, MeshEdge, Monitoring, VirtualAddress } from '../../src';
import type { MeshEdgeProps } from '../../src';

const MIRROR = '[fd00::5]:5000/proxy/docker.io';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const istio = { version: '1.31.1' };
const COMMON = {
  nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], monitoring: Monitoring.annotations({ from: ['10.0.0.0/8'] }),
};

const FRONTS: [string, EdgeFrontProxy][] = [['envoy', EdgeFrontProxy.envoy()], ['haproxy', EdgeFrontProxy.haproxy()], ['nginx', EdgeFrontProxy.nginx()], ['none', EdgeFrontProxy.none()]];
const GATEWAYS: [string, EdgeGateway][] = [['pods', EdgeGateway.podNetwork({ istio })], ['injected', EdgeGateway.podNetwork()], ['nodes', EdgeGateway.edgeNodes({ istio })]];
const TOPOLOGIES = FRONTS.flatMap(([front, frontProxy]) => GATEWAYS.map(([place, gateway]) => ({ title: `${front}, ${place}`, props: { frontProxy, gateway } })))
  .filter(({ title }) => !/none, (pods|injected)/.test(title));

function edgeOf(props: Partial<MeshEdgeProps>): Manifest[] {
  const chart = chartOf();
  new MeshEdge(chart, 'edge', { ...COMMON, ...props });
  return synth(chart);
}

/** Every image in the text that is applied, overlays for istiod included. */
function imagesIn(manifests: Manifest[]): string[] {
  const text = JSON.stringify(manifests).replace(/\\"/g, '"');
  return [...new Set([...text.matchAll(/"image": ?"([^"]*)"/g)].map(match => match[1]))].sort();
}

describe.each(TOPOLOGIES)('$title', ({ props }) => {
  const before = imagesIn(edgeOf(props));
  const after = imagesIn(edgeOf({ ...props, imageRegistry: MIRROR }));

  test('no image is left outside the mirror', () => {
    expect(after.filter(image => !image.startsWith(`${MIRROR}/`) && image !== 'auto')).toEqual([]);
    expect(JSON.stringify(edgeOf({ ...props, imageRegistry: MIRROR })).replaceAll(MIRROR, '')).not.toMatch(/docker\.io|ghcr\.io/);
  });

  test('each keeps its name and tag', () => {
    expect(before.length).toBeGreaterThan(2);
    expect(after).toEqual(before.map(image => image.replace(/^(docker|ghcr)\.io/, MIRROR)).sort());
  });
});

test('the image that istiod replaces stays, given or not', () => {
  for (const image of [undefined, 'auto']) {
    const chart = chartOf();
    new IngressGateway(chart, 'gateway', { image, imageRegistry: MIRROR });
    expect(imagesIn(synth(chart))).toEqual(['auto']);
  }
});

test('istiod takes the image of a gateway that it deploys from its own hub', () => {
  const chart = chartOf();
  new ManagedIngressGateway(chart, 'pods');
  new ManagedHostNetworkIngressGateway(chart, 'host', { nodes: TWO_NODES });
  expect(imagesIn(synth(chart))).toEqual([]);
});

test('images that the user gives move too, with their digest; those of the mirror stay', () => {
  const manifests = edgeOf({
    imageRegistry: 'mirror.example.com/edge',
    frontProxy: EdgeFrontProxy.haproxy({ image: `haproxy:3.2.26@${DIGEST}` }),
    gateway: EdgeGateway.podNetwork({ istio: { hub: 'gcr.io/istio-release', version: '1.31.1' } }),
    vip: {
      image: `ghcr.io/example/keepalived:v1@${DIGEST}`,
      metricsImage: 'mirror.example.com/edge/own-nginx:1',
      handover: Handover.seamless({ image: 'registry.example.com:5000/istio/proxyv2:1.30.0' }),
    },
  });
  expect(imagesIn(manifests)).toEqual([
    `mirror.example.com/edge/example/keepalived:v1@${DIGEST}`, 'mirror.example.com/edge/istio-release/proxyv2:1.31.1', 'mirror.example.com/edge/istio/proxyv2:1.30.0',
    `mirror.example.com/edge/library/haproxy:3.2.26@${DIGEST}`, 'mirror.example.com/edge/own-nginx:1',
  ]);
});

test('a part can have another registry than the edge', () => {
  const manifests = edgeOf({ imageRegistry: 'mirror.example.com', frontProxy: EdgeFrontProxy.envoy({ imageRegistry: 'other.example.com' }) });
  expect(imagesIn(manifests).filter(image => image !== 'auto').map(image => image.split('/')[0])).toEqual(['mirror.example.com', 'mirror.example.com', 'mirror.example.com', 'other.example.com']);
});

test('a single construct has it too', () => {
  const chart = chartOf();
  const gateway = new IngressGateway(chart, 'gateway', { istio, imageRegistry: 'mirror.example.com' });
  new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway, imageRegistry: 'mirror.example.com' });
  expect(imagesIn(synth(chart)).map(image => image.split(':')[0])).toEqual(['mirror.example.com/envoyproxy/envoy', 'mirror.example.com/istio/proxyv2']);
});

test('the image of the metrics container can be set', () => {
  const manifests = edgeOf({ vip: { metricsImage: `registry.example.com/nginx:1@${DIGEST}` } });
  expect(container(only(manifests, 'DaemonSet', 'edge-vip'), 'metrics').image).toBe(`registry.example.com/nginx:1@${DIGEST}`);
});

test('fails for a registry that is none, once', () =>
  expect(messageOf(() => edgeOf({ imageRegistry: 'mirror.example.com/Edge' }))).toBe(
    '[edge/edge] image-registry-invalid: imageRegistry is not a registry, got "mirror.example.com/Edge"; write the path in lower case: '
    + 'registries accept no other; expected a host, an optional port and an optional path, such as registry.example.com:5000/mirror'));
test('fails for a registry of a part that is none', () =>
  expect(messageOf(() => edgeOf({ vip: { imageRegistry: 'mirror' } }))).toMatch(/^\[edge\/edge\/vip\] image-registry-invalid: .* path on Docker Hub/));
test('fails for a metrics image that is none', () => expect(messageOf(() => edgeOf({ vip: { metricsImage: 'NGINX' } }))).toContain('image-invalid: metricsImage'));
test('fails for a metrics image without metrics', () =>
  expect(messageOf(() => edgeOf({ monitoring: undefined, vip: { metricsImage: 'nginx' } }))).toContain('option-unused: metricsImage'));

const PAGE = join(__dirname, '../../docs/mirror-and-air-gap.md');

/** What each topology pulls, and what it pulls from a mirror. */
function table(): string {
  const registry = 'registry.example.com';
  const images = [...new Set(TOPOLOGIES.flatMap(({ props }) => {
    const [before, after] = [edgeOf(props), edgeOf({ ...props, imageRegistry: registry })].map(manifests => manifests.flatMap(containersOf));
    return before.map(({ name, image }, index) => ({ name, image, moved: after[index].image })).filter(({ image }) => image !== 'auto');
  }).map(row => JSON.stringify(row)))].map(row => JSON.parse(row) as { name: string; image: string; moved: string });
  const byImage = [...new Set(images.map(({ image }) => image))].sort();
  return ['| image | copy to | containers |', '|---|---|---|', ...byImage.map(image => {
    const same = images.filter(row => row.image === image);
    return `| \`${image}\` | \`${same[0].moved}\` | ${[...new Set(same.map(({ name }) => `\`${name}\``))].sort().join(', ')} |`;
  })].join('\n');
}

function containersOf({ spec }: Manifest): { name: string; image: string }[] {
  const { initContainers = [], containers = [] } = spec?.template?.spec ?? {};
  return [...initContainers, ...containers];
}

test('docs/mirror-and-air-gap.md lists every image', () => {
  const page = readFileSync(PAGE, 'utf8');
  const expected = page.replace(/\| image \| copy to [\s\S]*?\n\n/, `${table()}\n\n`);
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(PAGE, expected);
  }
  expect(readFileSync(PAGE, 'utf8')).toBe(expected);
  expect(expected).toContain(table());
});
