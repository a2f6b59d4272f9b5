// a virtual IP and what it tracks: the same nodes, the same families, and time enough to leave
import { App, Chart, Duration } from 'cdk8s';
import { chartOf, frontProps, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, HostNetworkIngressGateway, IngressGateway, KeepalivedVip, VirtualAddress } from '../../src';
import type { HostHealthEndpoint, HostIstioOptions, KeepalivedVipProps } from '../../src';

const MINIMAL: KeepalivedVipProps = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };
const config = (manifests: Manifest[]): string => only(manifests, 'ConfigMap', 'edge-vip').data['keepalived.conf'];

test('fails for a virtual IP that tracks nothing', () => {
  const chart = chartOf();
  new KeepalivedVip(chart, 'vip', MINIMAL);
  expect(messageOf(() => synth(chart))).toContain('[edge/vip] vip-tracks-nothing: the virtual IP has no health check; call track()');
});
describe('what is tracked', () => {
  const trackedBy = (vip: Partial<KeepalivedVipProps>, front: object): string => {
    const chart = chartOf();
    const tracked = new FrontEnvoy(chart, 'front', { ...frontProps(chart), ...front });
    new KeepalivedVip(chart, 'vip', { ...MINIMAL, ...vip }).track(tracked);
    return messageOf(() => synth(chart));
  };
  const dual = EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', ipv6Address: '2001:db8::1' }, { hostname: 'b', address: '192.0.2.2', ipv6Address: '2001:db8::2' });

  test('fails for fewer replicas than nodes, since keepalived would wait there without end', () =>
    expect(trackedBy({}, { replicas: 1 })).toContain('vip-node-without-listener: edge/front does not run on every node of the virtual IP, got 1'));
  test('as many replicas as nodes are enough', () => expect(trackedBy({}, { replicas: 2 })).toBe(''));
  test('fails for nodes with other labels', () =>
    expect(trackedBy({ nodes: EdgeNodes.labeled({ role: 'x' }) }, { nodes: EdgeNodes.labeled({ role: 'y' }) })).toContain('vip-node-without-listener'));
  test('fails for nodes outside of those of a listener with more labels', () =>
    expect(trackedBy({ nodes: EdgeNodes.labeled({ role: 'x' }) }, { nodes: EdgeNodes.labeled({ role: 'x', zone: 'a' }) })).toContain('vip-node-without-listener'));
  test('nodes with more labels than the listener wants are fine', () =>
    expect(trackedBy({ nodes: EdgeNodes.labeled({ role: 'x', zone: 'a' }) }, { nodes: EdgeNodes.labeled({ role: 'x' }) })).toBe(''));
  test('fails for a taint that only the listener tolerates: keepalived would run nowhere', () =>
    expect(trackedBy({}, { nodes: TWO_NODES.dedicated() })).toContain('got "node-role.kubernetes.io/edge"; give both the same nodes, with dedicated(\'node-role.kubernetes.io/edge\')'));
  test('fails for nodes whose taint the listener does not tolerate', () =>
    expect(trackedBy({ nodes: TWO_NODES.dedicated() }, {})).toContain('got "no taint"; give both the same nodes, with dedicated(\'node-role.kubernetes.io/edge\')'));
  test.each([
    [1_500, /^$/],
    [1_200, /^$/],
    [1_100.5, /lame-duck-too-short: lameDuckPeriod of edge\/front must be at least 1\.2 s, the time until the check of the virtual IP fails, got "1\.1005 s"/],
  ])(
    'a listener of a user may leave %d ms of time: %j', (milliseconds, message) => {
      const chart = chartOf();
      const front = new FrontEnvoy(chart, 'front', frontProps(chart));
      jest.spyOn(front, 'toHostListenerConfig').mockReturnValue({ ...front.toHostListenerConfig(), lameDuckPeriod: Duration.millis(milliseconds) });
      new KeepalivedVip(chart, 'vip', MINIMAL).track(front);
      expect(messageOf(() => synth(chart))).toMatch(message);
    });
  test('the longest time of a user\'s listener may have a fraction', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    const times = { lameDuckPeriod: Duration.millis(100), longestLameDuckPeriod: Duration.millis(500.5) };
    jest.spyOn(front, 'toHostListenerConfig').mockReturnValue({ ...front.toHostListenerConfig(), ...times });
    new KeepalivedVip(chart, 'vip', MINIMAL).track(front);
    expect(messageOf(() => synth(chart))).toMatch(/lame-duck-too-short: .*; check more often, because lameDuckPeriod can be at most 0\.5005 s here/);
  });
  test('fails for an IPv6 address that nothing listens on', () =>
    expect(trackedBy({ nodes: dual, virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })] }, { nodes: dual, ipv6: false }))
      .toContain('listener-without-ipv6: the virtual address is IPv6, but edge/front listens on IPv4 only, got "2001:db8::100"'));
  test('fails for an IPv6 address of dual-stack nodes whose gateways istiod opens on IPv4 only', () => {
    const served = (istio: HostIstioOptions) => {
      const chart = chartOf();
      const vip = new KeepalivedVip(chart, 'vip', {
        ...MINIMAL, nodes: dual, virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })],
      });
      vip.track(new HostNetworkIngressGateway(chart, 'gateway', { nodes: dual, istio }));
      return messageOf(() => synth(chart));
    };
    expect(served({ version: '1.31.0' })).toContain('listener-without-ipv6: the virtual address is IPv6, but edge/gateway listens on IPv4 only, got "2001:db8::100"; '
      + 'set ipv6: true on a front proxy; a host gateway on dual-stack nodes needs istiod with ISTIO_DUAL_STACK=true and istio: { dualStack: true }');
    expect(served({ version: '1.31.0', dualStack: true })).toBe('');
  });
  test('fails for a check that is slower than the listener is gone', () => {
    expect(trackedBy({ checkInterval: Duration.seconds(10), checkFall: 3 }, {}))
      .toContain('lame-duck-too-short: lameDuckPeriod of edge/front must be at least 40 s, the time until the check of the virtual IP fails, got "3 s"; set lameDuckPeriod to 40 s, or check more often');
    expect(trackedBy({ checkInterval: Duration.seconds(10), checkFall: 3 }, { lameDuckPeriod: Duration.seconds(40) })).toBe('');
  });
  test('fails for a check that is slower than any lame duck period of a host gateway', () => {
    const chart = chartOf();
    const gateway = new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } });
    new KeepalivedVip(chart, 'vip', { ...MINIMAL, checkInterval: Duration.seconds(10), checkFall: 5 }).track(gateway);
    expect(messageOf(() => synth(chart))).toContain('must be at least 60 s, the time until the check of the virtual IP fails, got "5 s"; check more often, because lameDuckPeriod can be at most 45 s here');
  });
  test('a host gateway may be checked as slowly as its longest lame duck period allows', () => {
    const chart = chartOf();
    const gateway = new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } });
    new KeepalivedVip(chart, 'vip', { ...MINIMAL, checkInterval: Duration.seconds(9), checkFall: 4 }).track(gateway);
    expect(messageOf(() => synth(chart))).toContain('must be at least 45 s, the time until the check of the virtual IP fails, got "5 s"; set lameDuckPeriod to 45 s, or check more often');
  });
  test('fails for an answer that may take longer than the listener is there, in whole seconds', () => {
    expect(trackedBy({ checkTimeout: Duration.millis(2_900) }, {})).toContain('must be at least 3.1 s, the time until the check of the virtual IP fails, got "3 s"; set lameDuckPeriod to 4 s, or check more often');
    expect(trackedBy({ checkTimeout: Duration.millis(2_800) }, {})).toBe('');
  });
  test('tracking twice is tracking once', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    const vip = new KeepalivedVip(chart, 'vip', MINIMAL);
    vip.track(front);
    vip.track(front);
    expect(config(synth(chart)).match(/^track_file /gm)).toHaveLength(1);
  });
  describe('by a listener of one\'s own', () => {
    const answering = (health: HostHealthEndpoint): string => {
      const chart = chartOf();
      const front = new FrontEnvoy(chart, 'front', frontProps(chart));
      jest.spyOn(front, 'toHostListenerConfig').mockReturnValue({ ...front.toHostListenerConfig(), health });
      return messageOf(() => new KeepalivedVip(chart, 'vip', MINIMAL).track(front));
    };
    const HEALTH = { address: '127.0.0.1', port: 8080, path: '/' };

    test('accepts the other loopback address', () => expect(answering({ ...HEALTH, address: '::1', secondAddress: '127.0.0.1' })).toBe(''));
    test.each<[string, Partial<HostHealthEndpoint>, string]>([
      ['a port that is a text', { port: '8080' as unknown as number }, 'type-wrong: invalid edge/front.toHostListenerConfig().health.port "8080"; expected a number'],
      ['a port that is none', { port: 0 }, 'port-out-of-range: port of the health endpoint of edge/front is out of range, got 0'],
      ['a user that is none', { user: -1 }, 'user-out-of-range: user of the health endpoint of edge/front is out of range, got -1'],
      ['a path with a space', { path: '/a b' }, 'check-path-invalid: path of the health endpoint of edge/front is not a URL path, got "/a b"; begin with /, and percent-encode special characters'],
      ['a path without a slash at its begin', { path: 'healthz/ready' }, 'check-path-invalid'],
      ['a name for an address', { address: 'localhost' }, 'address-not-loopback: address of the health endpoint of edge/front'],
      ['a loopback address at which the checker does not look', { address: '127.0.0.2' }, 'address-not-loopback: address of the health endpoint of edge/front'],
      ['an address elsewhere', { address: '192.0.2.11' }, 'address-not-loopback: address of the health endpoint of edge/front'],
      ['a name for a second address', { secondAddress: 'localhost' }, 'address-not-loopback: secondAddress of the health endpoint of edge/front'],
    ])('fails for %s', (_, health, expected) => expect(answering({ ...HEALTH, ...health })).toContain(`[edge/vip] ${expected}`));
  });
  test('fails once for an answer of a wrong type', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    const health = { address: 'localhost', port: '8080' as unknown as number, path: 'a b' };
    jest.spyOn(front, 'toHostListenerConfig').mockReturnValue({ ...front.toHostListenerConfig(), health });
    expect(messageOf(() => new KeepalivedVip(chart, 'vip', MINIMAL).track(front)).split('\n')).toEqual([expect.stringContaining('type-wrong')]);
  });
  test('fails for two listeners of one name', () => {
    const app = new App();
    const [one, other] = ['a', 'b'].map(namespace => {
      const chart = new Chart(app, namespace === 'a' ? 'edge' : 'edge-front', { namespace });
      return new FrontEnvoy(chart, namespace === 'a' ? 'front' : 'Default', { nodes: TWO_NODES, gateway: IngressGateway.fromService(chart, 'gw', { name: 'gw' }), healthPort: namespace === 'a' ? 340 : 341, listeners: [{ port: namespace === 'a' ? 80 : 81, gatewayPort: 80 }] });
    });
    const chart = new Chart(app, 'vips');
    const vip = new KeepalivedVip(chart, 'vip', MINIMAL);
    [one, other].forEach(front => vip.track(front));
    expect(messageOf(() => synth(chart))).toContain('[vips/vip] check-twice: names of the tracked listeners must not repeat a value, got "edge-front"');
  });

  test('fails for a node on which nothing answers', () => {
    const chart = chartOf(new App());
    const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes: EdgeNodes.named('edge-1') });
    new KeepalivedVip(chart, 'vip', MINIMAL).track(front);
    expect(messageOf(() => synth(chart))).toContain('[edge/vip] vip-node-without-listener: edge/front does not run on every node of the virtual IP, got ["edge-2"]');
  });
});
