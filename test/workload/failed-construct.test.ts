import { Duration } from 'cdk8s';
import type { Chart } from 'cdk8s';
import { chartOf, frontProps, messageOf, TWO_NODES } from '../../sandbox/synth';
import {
  FrontEnvoy, FrontHaproxy, FrontNginx, FrontProxy, HostNetworkIngressGateway, IngressGateway, KeepalivedVip,
  ManagedHostNetworkIngressGateway, ManagedIngressGateway, MeshEdge, VirtualAddress,
} from '../../src';

const TOO_LONG = { drainTimeout: Duration.hours(2) };
const VIP = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };
const OTHER = chartOf();
const FRONT = frontProps(OTHER);

describe('a construct whose constructor fails', () => {
  test.each<[string, (chart: Chart, mistake: boolean) => unknown]>([
    ['FrontEnvoy', (chart, mistake) => new FrontEnvoy(chart, 'id', { ...FRONT, ...(mistake && TOO_LONG) })],
    ['FrontHaproxy', (chart, mistake) => new FrontHaproxy(chart, 'id', { ...FRONT, ...(mistake && TOO_LONG) })],
    ['FrontNginx', (chart, mistake) => new FrontNginx(chart, 'id', { ...FRONT, ...(mistake && TOO_LONG) })],
    ['KeepalivedVip', (chart, mistake) => new KeepalivedVip(chart, 'id', { ...VIP, ...(mistake && { checkFall: 11 }) })],
    ['IngressGateway', (chart, mistake) => new IngressGateway(chart, 'id', mistake ? TOO_LONG : {})],
    ['IngressGateway.fromService()', (chart, mistake) => IngressGateway.fromService(chart, 'id', { name: mistake ? 'A' : 'a' })],
    ['HostNetworkIngressGateway', (chart, mistake) =>
      new HostNetworkIngressGateway(chart, 'id', { nodes: TWO_NODES, istio: { version: '1.31.0' }, ...(mistake && TOO_LONG) })],
    ['ManagedIngressGateway', (chart, mistake) => new ManagedIngressGateway(chart, 'id', mistake ? TOO_LONG : {})],
    ['ManagedHostNetworkIngressGateway', (chart, mistake) =>
      new ManagedHostNetworkIngressGateway(chart, 'id', { nodes: TWO_NODES, ...(mistake && TOO_LONG) })],
    ['MeshEdge', (chart, mistake) => new MeshEdge(chart, 'id', { nodes: TWO_NODES, createNamespace: mistake })],
  ])('leaves the tree: another %s can have its id', (_, make) => {
    const chart = chartOf(undefined, 'edge', {});
    expect(messageOf(() => make(chart, true))).toMatch(/^\[edge\/id\] /);
    expect(chart.node.children).toEqual([]);
    expect(messageOf(() => make(chart, false))).toBe('');
  });
});

test('a subclass of FrontProxy itself is refused', () => {
  // @ts-expect-error: declarations of the package do not show the abstract member
  class Mine extends FrontProxy {}
  const Concrete = Mine as unknown as typeof FrontEnvoy;
  expect(messageOf(() => new Concrete(OTHER, 'mine', FRONT))).toBe(
    '[edge/mine] type-wrong: Mine extends FrontProxy itself, and so has no engine; extend FrontEnvoy, FrontHaproxy or FrontNginx',
  );
});
