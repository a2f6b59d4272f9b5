// what the generator of valid edges found, each in its smallest form
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, Handover, IngressGateway, KeepalivedVip, MeshEdge, RouteApi, VirtualAddress } from '../../src';
import type { KeepalivedVipProps } from '../../src';

function filesOf(props: Partial<KeepalivedVipProps>): { [file: string]: string } {
  const chart = chartOf();
  const nodes = props.nodes ?? TWO_NODES;
  const front = new FrontEnvoy(chart, 'front', { nodes, gateway: new IngressGateway(chart, 'gateway'), ipv6: true });
  const vip = new KeepalivedVip(chart, 'vip', { nodes, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], ...props });
  vip.track(front);
  return only(synth(chart), 'ConfigMap', 'edge-vip').data;
}

test('the address of a node can have an IPv4 address in it, which nftables does not read', () => {
  const nodes = EdgeNodes.of({ hostname: 'edge-1', address: '2001:db8::192.0.2.11' }, { hostname: 'edge-2', address: '2001:DB8:0::12' });
  const files = filesOf({ nodes, virtualAddresses: [VirtualAddress.of('2001:db8::100')] });
  expect(files['handover-edge-2.nft']).toContain('2001:db8::c000:20b');
  expect(Object.values(files).join()).not.toMatch(/::192|2001:DB8/);
});

const longest = (length: number) => EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11', nodeName: `${'n.'.repeat(length)}`.slice(0, length - 1) + 'x' }, { hostname: 'edge-2', address: '192.0.2.12' },
);

test('a node name can be too long for the name of a file: the hand-over is plain then', () => {
  expect(Object.keys(filesOf({ nodes: longest(240) })).some(file => file.length === 253)).toBe(true);
  expect(Object.keys(filesOf({ nodes: longest(241) })).filter(file => file.endsWith('.nft'))).toEqual([]);
});

test('fails for such a name with a seamless hand-over', () =>
  expect(messageOf(() => filesOf({ nodes: longest(241), handover: Handover.SEAMLESS }))).toContain('node-name-invalid: a seamless hand-over has files named after each node'));

test('fails for a path that is longer than Gateway API accepts', () => {
  const expose = (length: number) => () => {
    const chart = chartOf();
    new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi: RouteApi.GATEWAY_API }).expose('a.example', { service: 'a', port: 80, pathPrefix: `/${'a'.repeat(length - 1)}` });
    return synth(chart);
  };
  expect(messageOf(expose(1024))).toBe('');
  expect(messageOf(expose(1025))).toContain('path-invalid: pathPrefix is not a path');
});
