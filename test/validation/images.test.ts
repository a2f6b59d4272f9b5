import { checkImage, checkImageRegistry, checkIstioHub, imageIn } from '../../src/validation/images';

const codes = (problems: { code: string }[]) => problems.map(problem => problem.code);
const DIGEST = `sha256:${'0'.repeat(64)}`;

describe('images', () => {
  test.each([
    'envoy', 'docker.io/envoyproxy/envoy:v1.40.0', 'registry.example.com:5000/team/envoy', `ghcr.io/a/b@${DIGEST}`,
    `localhost:5000/envoy:v1@sha256:${'a'.repeat(64)}`, `envoy@sha512:${'0'.repeat(128)}`, '[2001:db8::1]:5000/envoy:v1', '[::1]/envoy',
    'Registry.example.com/envoy',
  ])('accepts %s', image => expect(checkImage('image', image)).toEqual([]));

  test.each([
    'docker.io/Envoy', 'Library/envoy', 'envoy:', 'envoy@sha256:12', 'https://docker.io/envoy', 'envoy@latest', 'a//b', '/a', '[::1]:5000', '[::1]envoy',
    '[::1]', 'envoy/[::1]/a', '-a.example.com/b', 'registry.example.com:123456/a', 'registry.example.com:65536/a', 'registry.example.com:0/a', 'registry.example.com/', 'under_score.example.com/a',
  ])('fails for %s', image => expect(codes(checkImage('image', image))).toEqual(['image-invalid']));
});

describe('registries', () => {
  test.each([
    'mirror.example.com', 'mirror.example.com:5000', 'mirror.example.com/proxy/docker.io', '[fd00::5]:5000', '[fd00::5]:5000/istio', 'localhost', 'localhost/edge',
    'mirror:5000', 'mirror:65535', 'mirror:1', 'Mirror.example.com:5000/edge', '192.0.2.9:5000',
  ])('accepts %s', registry => {
    expect(checkImageRegistry('imageRegistry', registry)).toEqual([]);
    expect(checkIstioHub('istio.hub', registry)).toEqual([]);
  });

  test.each([
    ['mirror.example.com/Edge', /in lower case/], ['https://mirror.example.com', /omit the scheme/], ['mirror', /path on Docker Hub/], ['mirror/edge', /path on Docker Hub/],
    ['', /^expected a host/], ['MIRROR', /^expected a host/], ['a..b/c', /^expected a host/], ['mirror.example.com/', /^expected a host/], ['mirror.example.com/edge:v1', /^expected a host/], [`mirror.example.com/edge@${DIGEST}`, /^expected a host/],
    ['mirror.example.com//edge', /^expected a host/], ['mirror.example.com/a b', /^expected a host/], ['[fd00::5', /^expected a host/], ['mirror.example.com\n', /^expected a host/],
    ['mirror.example.com:99999', /^expected a host/], ['mirror.example.com:65536/edge', /^expected a host/], ['mirror.example.com:0', /^expected a host/],
  ])('fails for %j', (registry, fix) => {
    expect(checkImageRegistry('imageRegistry', registry)).toMatchObject([{ code: 'image-registry-invalid', got: registry, fix: expect.stringMatching(fix) }]);
  });

  test.each(['istio', 'istio/testing'])('a hub can be the path %s on Docker Hub', hub => expect(checkIstioHub('istio.hub', hub)).toEqual([]));
  test.each(['Istio', 'docker.io/istio:1', 'docker.io/Istio', 'https://docker.io/istio', ''])('fails for the hub %j', hub =>
    expect(codes(checkIstioHub('istio.hub', hub))).toEqual(['istio-hub-invalid']));
});

describe('the same image in a mirror', () => {
  test.each([
    ['docker.io/envoyproxy/envoy:v1.40.0', 'mirror.example.com/envoyproxy/envoy:v1.40.0'],
    [`ghcr.io/cplieger/docker-keepalived:v2.1.2@${DIGEST}`, `mirror.example.com/cplieger/docker-keepalived:v2.1.2@${DIGEST}`],
    ['registry.example.com:5000/team/envoy', 'mirror.example.com/team/envoy'],
    ['[fd00::5]:5000/envoy:v1', 'mirror.example.com/envoy:v1'],
    ['localhost/envoy', 'mirror.example.com/envoy'],
    // as container runtimes read them
    ['haproxy:3.2.26', 'mirror.example.com/library/haproxy:3.2.26'],
    ['docker.io/haproxy:3.2.26', 'mirror.example.com/library/haproxy:3.2.26'],
    ['envoyproxy/envoy', 'mirror.example.com/envoyproxy/envoy'],
    ['mirror.example.com/edge/envoy:v1', 'mirror.example.com/edge/envoy:v1'],
  ])('%s is %s', (image, moved) => {
    expect(imageIn('mirror.example.com', image)).toBe(moved);
    expect(checkImage('image', moved)).toEqual([]);
  });

  test('an image of a registry with a similar name moves', () =>
    expect(imageIn('mirror.example.com', 'mirror.example.community/a:1')).toBe('mirror.example.com/a:1'));
  test('the path of a mirror comes first', () =>
    expect(imageIn('[fd00::5]:5000/proxy/docker.io', 'docker.io/istio/proxyv2:1.31.1')).toBe('[fd00::5]:5000/proxy/docker.io/istio/proxyv2:1.31.1'));
  test('an image that is in the path of a mirror stays', () =>
    expect(imageIn('mirror.example.com/edge', 'mirror.example.com/edge/envoy:v1')).toBe('mirror.example.com/edge/envoy:v1'));
  test('without a mirror an image stays', () => expect(imageIn(undefined, 'haproxy')).toBe('haproxy'));
});
