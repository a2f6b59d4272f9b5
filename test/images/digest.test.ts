// every image option takes `name:tag@sha256:…`, and imageRegistry keeps the digest
import { readFileSync } from 'fs';
import { join } from 'path';
import { chartOf, container, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, Handover, MeshEdge, Monitoring, VirtualAddress } from '../../src';
import type { MeshEdgeProps } from '../../src';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const istio = { version: '1.31.1' };

function edgeOf(props: Partial<MeshEdgeProps>): Manifest[] {
  const chart = chartOf();
  new MeshEdge(chart, 'edge', {
    nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], monitoring: Monitoring.annotations({ from: ['10.0.0.0/8'] }), ...props,
  });
  return synth(chart);
}

interface ImageOption {
  readonly option: string;
  readonly give: (image: string) => Partial<MeshEdgeProps>;
  /** Kind, name and container that get it. */
  readonly found: readonly [string, string, string];
}

/** Also the port guard of a front proxy runs in its image. */
const OPTIONS: ImageOption[] = [
  { option: 'image of FrontEnvoy', give: image => ({ frontProxy: EdgeFrontProxy.envoy({ image }) }), found: ['DaemonSet', 'edge-front-envoy', 'front-envoy'] },
  { option: 'image of FrontHaproxy', give: image => ({ frontProxy: EdgeFrontProxy.haproxy({ image }) }), found: ['DaemonSet', 'edge-front-haproxy', 'front-haproxy'] },
  { option: 'image of FrontNginx', give: image => ({ frontProxy: EdgeFrontProxy.nginx({ image }) }), found: ['DaemonSet', 'edge-front-nginx', 'front-nginx'] },
  { option: 'image of FrontEnvoy, port-guard', give: image => ({ frontProxy: EdgeFrontProxy.envoy({ image }) }), found: ['DaemonSet', 'edge-front-envoy', 'port-guard'] },
  { option: 'image of KeepalivedVip', give: image => ({ vip: { image } }), found: ['DaemonSet', 'edge-vip', 'keepalived'] },
  { option: 'metricsImage of KeepalivedVip', give: metricsImage => ({ vip: { metricsImage } }), found: ['DaemonSet', 'edge-vip', 'metrics'] },
  { option: 'image of Handover.seamless()', give: image => ({ vip: { handover: Handover.seamless({ image }) } }), found: ['DaemonSet', 'edge-vip', 'handover'] },
  { option: 'image of IngressGateway, injected', give: image => ({ gateway: EdgeGateway.podNetwork({ image }) }), found: ['Deployment', 'edge-gateway', 'istio-proxy'] },
  { option: 'image of IngressGateway, beside istio.version', give: image => ({ gateway: EdgeGateway.podNetwork({ istio, image }) }), found: ['Deployment', 'edge-gateway', 'istio-proxy'] },
  { option: 'image of HostNetworkIngressGateway', give: image => ({ gateway: EdgeGateway.edgeNodes({ istio: {}, image }) }), found: ['DaemonSet', 'edge-gateway', 'istio-proxy'] },
];

describe.each(OPTIONS)('$option', ({ give, found: [kind, name, containerName] }) => {
  const imageOf = (props: Partial<MeshEdgeProps>) => container(only(edgeOf(props), kind, name), containerName).image;

  test('takes a tag with a digest', () =>
    expect(imageOf(give(`registry.example.com:5000/edge/it:v1.2@${DIGEST}`))).toBe(`registry.example.com:5000/edge/it:v1.2@${DIGEST}`));
  test('takes a digest alone', () => expect(imageOf(give(`docker.io/edge/it@${DIGEST}`))).toBe(`docker.io/edge/it@${DIGEST}`));
  test('keeps tag and digest in another registry', () =>
    expect(imageOf({ ...give(`docker.io/edge/it:v1.2@${DIGEST}`), imageRegistry: '[fd00::5]:5000/mirror' })).toBe(`[fd00::5]:5000/mirror/edge/it:v1.2@${DIGEST}`));
  test.each([`it:v1@${DIGEST.slice(0, -1)}`, `it:v1@${DIGEST.toUpperCase()}`, `it@v1@${DIGEST}`, `it:v1@md5:${'0'.repeat(32)}`])('fails for %s', image =>
    expect(messageOf(() => edgeOf(give(image)))).toMatch(/image-invalid: .*got "it[:@]v1@/));
});

test('fails for a distroless image of the hand-over with a digest', () =>
  expect(messageOf(() => Handover.seamless({ image: `docker.io/istio/proxyv2:1.31.1-distroless@${DIGEST}` }))).toContain('handover-image-distroless'));

test('there is no other image option', () => {
  const { types } = JSON.parse(readFileSync(join(__dirname, '../../.jsii'), 'utf8'));
  const options = Object.values<{ name: string; properties?: { name: string }[] }>(types)
    .flatMap(({ name, properties = [] }) => properties.filter(property => /image$/i.test(property.name)).map(property => `${name}.${property.name}`));
  expect(options.sort()).toEqual(['EdgeWorkloadOptions.image', 'KeepalivedVipOptions.metricsImage', 'SeamlessHandoverOptions.image']);
});
