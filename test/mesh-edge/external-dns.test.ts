// what external-dns reads of the objects that expose() writes
import { chartOf, messageOf, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, MeshEdge, RouteApi, VirtualAddress } from '../../src';
import type { MeshEdgeProps } from '../../src';

const NODES = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' }, { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
);
const DUAL_STACK: MeshEdgeProps = {
  nodes: NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' }), VirtualAddress.of('192.0.2.101')],
};
const service = { service: 'shop', port: 80 };
const KEYS = ['external-dns.kubernetes.io/target', 'external-dns.alpha.kubernetes.io/target'];

function manifestsOf(props: Partial<MeshEdgeProps>): Manifest[] {
  const chart = chartOf();
  const edge = new MeshEdge(chart, 'edge', { ...DUAL_STACK, ...props });
  edge.expose('shop.example.com', { ...service, tlsSecretName: 'shop-tls' });
  edge.exposeTlsPassthrough('vault.example.com', service);
  edge.exposeTcp(5432, { ...service, port: 5432 });
  edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.150')] }).expose('grafana.example.internal', service);
  return synth(chart);
}

const targetsOf = ({ metadata }: Manifest) => KEYS.map(key => metadata.annotations?.[key]);

describe.each([['Istio', RouteApi.ISTIO], ['Gateway API', RouteApi.GATEWAY_API]])('%s', (_, routeApi) => {
  test('every Gateway names the addresses of its entry, under both names of the annotation', () => {
    const gateways = manifestsOf({ routeApi, externalDns: true }).filter(({ kind }) => kind === 'Gateway');
    const ofEdge = '192.0.2.100,2001:db8::100,192.0.2.101';
    const [inside, own] = [true, false].map(isInside => gateways.filter(({ metadata }) => metadata.name.startsWith('edge-inside') === isInside));
    expect(inside.map(targetsOf)).toEqual([['192.0.2.150', '192.0.2.150']]);
    expect(own.length).toBeGreaterThan(2);
    own.forEach(gateway => expect(targetsOf(gateway)).toEqual([ofEdge, ofEdge]));
  });

  test('no other object does, and none without the option', () => {
    const others = manifestsOf({ routeApi, externalDns: true }).filter(({ kind }) => kind !== 'Gateway');
    const without = [...manifestsOf({ routeApi }), ...manifestsOf({ routeApi, externalDns: false })];
    expect([...others, ...without].flatMap(targetsOf).filter(target => target)).toEqual([]);
  });

  test('other annotations stay', () => {
    const annotations = { 'external-dns.kubernetes.io/ttl': '60' };
    const gateways = manifestsOf({ routeApi, externalDns: true, annotations }).filter(({ kind }) => kind === 'Gateway');
    expect(gateways.length).toBeGreaterThan(3);
    gateways.forEach(({ metadata }) => expect(metadata.annotations['external-dns.kubernetes.io/ttl']).toBe('60'));
  });
});

test.each(KEYS)('fails for a target of the user under %s', key =>
  expect(messageOf(() => manifestsOf({ externalDns: true, annotations: { [key]: '192.0.2.1' } }))).toContain(`annotation-reserved: the construct sets this annotation itself, got "${key}"`));
test('a target of the user stays without the option', () =>
  expect(manifestsOf({ annotations: { [KEYS[0]]: '192.0.2.1' } }).filter(({ kind }) => kind === 'Gateway').map(object => targetsOf(object)[0])).toContain('192.0.2.1'));
test('fails without virtual addresses', () =>
  expect(messageOf(() => new MeshEdge(chartOf(), 'edge', { nodes: TWO_NODES, externalDns: true }))).toContain('option-unused: externalDns has no effect without virtualAddresses'));
test('false without virtual addresses is no contradiction', () => {
  const chart = chartOf();
  new MeshEdge(chart, 'edge', { nodes: TWO_NODES, externalDns: false });
  expect(synth(chart).length).toBeGreaterThan(0);
});
