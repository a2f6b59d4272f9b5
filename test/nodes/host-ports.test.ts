import { mkdtempSync, rmdirSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App } from 'cdk8s';
import { chartOf, messageOf, synth, TWO_NODES } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, HostNetworkIngressGateway, HostPort, IngressGateway } from '../../src';

describe('HostPort', () => {
  test('prints as port, or as address and port', () => {
    expect(`${HostPort.tcp(443)}`).toBe('443');
    expect(`${HostPort.loopback(15_000)}`).toBe('127.0.0.1:15000');
    expect(`${HostPort.loopback(15_000, '::1')}`).toBe('[::1]:15000');
  });
  test('has one spelling for the IPv6 loopback address', () => expect(HostPort.loopback(15_000, '0:0:0:0:0:0:0:1').address).toBe('::1'));
  test.each(['192.0.2.1', '127.0.0.2', '127.1', 'localhost', '::ffff:127.0.0.1', ':::', ''])('fails for %j, which is not a loopback address of every node', address =>
    expect(messageOf(() => HostPort.loopback(15_000, address))).toContain(`address-not-loopback: address is not a loopback address, got "${address}"; expected 127.0.0.1 or ::1`));
  test.each([0, 65_536, 80.5])('fails for port %d', port => expect(messageOf(() => HostPort.tcp(port))).toContain('port-out-of-range'));
});

describe('two listeners on one node', () => {
  const HOST_GATEWAY = { istio: { version: '1.31.0' } };

  test('fails when a front proxy and a host gateway both claim 443, naming both and the way out', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw', listeners: [{ port: 443 }] });
    new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway });
    new HostNetworkIngressGateway(chart, 'host', { nodes: EdgeNodes.named('edge-2', 'edge-3'), ...HOST_GATEWAY });
    expect(messageOf(() => synth(chart))).toBe('Validation failed with the following errors:\n'
      + '  [edge/host] host-port-clash: tcp 443 on nodes edge-2, edge-3 is also used by edge/front on nodes edge-1, edge-2; '
      + 'change the port or the nodes of one of them; if their nodes never overlap, call EdgeNodes.assumeDisjointFrom()');
  });

  test('fails for two host gateways on other ports, since Istio\'s proxy has fixed ones of its own', () => {
    const chart = chartOf();
    new HostNetworkIngressGateway(chart, 'one', { nodes: TWO_NODES, ...HOST_GATEWAY });
    new HostNetworkIngressGateway(chart, 'two', { nodes: TWO_NODES, listeners: [{ port: 8443 }], ...HOST_GATEWAY });
    const message = messageOf(() => synth(chart));
    expect(message).toContain('tcp 15021 (Istio proxy: health checks) on nodes edge-1, edge-2');
    expect(message.match(/host-port-clash/g)).toHaveLength(9);
  });

  test('fails across charts of one app, once', () => {
    const app = new App();
    const [first, second] = ['one', 'two'].map(id => chartOf(app, id));
    for (const chart of [first, second]) {
      const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw', listeners: [{ port: 80 }] });
      new FrontEnvoy(chart, 'front', { nodes: EdgeNodes.labeled({ role: 'edge' }), gateway });
    }
    expect(messageOf(() => app.synthYaml()).match(/tcp 80 /g)).toHaveLength(1);
    expect(messageOf(() => synth(first))).toContain('[two/front] host-port-clash');
  });

  test('works on other nodes, on other ports, and on the user\'s word', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw', listeners: [{ port: 80 }] });
    const internal = EdgeNodes.labeled({ role: 'internal' });
    new FrontEnvoy(chart, 'one', { nodes: TWO_NODES.assumeDisjointFrom(internal), gateway });
    new FrontEnvoy(chart, 'two', { nodes: EdgeNodes.named('edge-3').assumeDisjointFrom(internal), gateway });
    new FrontEnvoy(chart, 'three', { nodes: internal, gateway });
    new FrontEnvoy(chart, 'four', {
      nodes: EdgeNodes.named('edge-3').assumeDisjointFrom(internal), gateway, listeners: [{ port: 8080, gatewayPort: 80 }], healthPort: 18_022,
    });
    expect(synth(chart).filter(manifest => manifest.kind === 'DaemonSet')).toHaveLength(4);
  });

  test('fails for listed nodes beside labelled ones, whichever of the two comes first', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw', listeners: [{ port: 80 }] });
    new FrontEnvoy(chart, 'one', { nodes: EdgeNodes.labeled({ role: 'edge' }), gateway });
    new FrontEnvoy(chart, 'two', { nodes: EdgeNodes.named('edge-1'), gateway });
    expect(messageOf(() => synth(chart))).toContain('[edge/two] host-port-clash: tcp 80 ');
  });

  test('fails for the health ports of two front proxies that share no other port', () => {
    const chart = chartOf();
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw', listeners: [{ port: 80 }] });
    const one = new FrontEnvoy(chart, 'one', { nodes: TWO_NODES, gateway });
    new FrontEnvoy(chart, 'two', { nodes: TWO_NODES, gateway, listeners: [{ port: 81, gatewayPort: 80 }] });
    const { port } = one.toHostListenerConfig().health;
    expect(messageOf(() => synth(chart)).match(/host-port-clash: tcp \S+/g)).toEqual([`host-port-clash: tcp 127.0.0.1:${port}`]);
  });

  test('writes nothing when it fails', () => {
    const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'clash-')) });
    const chart = chartOf(app);
    const gateway = IngressGateway.fromService(chart, 'adopted', { name: 'gw' });
    new FrontEnvoy(chart, 'one', { nodes: TWO_NODES, gateway });
    new FrontEnvoy(chart, 'two', { nodes: TWO_NODES, gateway });
    expect(messageOf(() => app.synth())).toContain('host-port-clash');
    // fails, and so leaves it, when there is something in it
    rmdirSync(app.outdir);
  });
});
