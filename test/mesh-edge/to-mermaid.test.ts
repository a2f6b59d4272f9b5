// the picture of an edge
import { chartOf, TWO_NODES } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, MeshEdge, VirtualAddress } from '../../src';
import type { MeshEdgeProps } from '../../src';
import { renderMermaid } from '../../src/mesh-edge/mermaid';

const HA: MeshEdgeProps = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };
const SHOP = { service: 'shop', serviceNamespace: 'shop', port: 8080 };
const edgeOf = (props: Partial<MeshEdgeProps> = {}) => new MeshEdge(chartOf(), 'edge', { ...HA, ...props });

/** Text of the subgraph of the edge nodes, and what is outside. */
function parts(edge: MeshEdge): { nodes: string; rest: string } {
  const [, nodes, rest] = /subgraph (.*?)\n {2}end\n(.*)/s.exec(edge.toMermaid())!;
  return { nodes, rest };
}

test('clients, the address, the front proxy, the gateway and the services are one way', () => {
  const edge = edgeOf();
  edge.expose('shop.example.com', { ...SHOP, tlsSecretName: 'shop-tls' }).addPath('/api', { ...SHOP, service: 'api' });
  expect(edge.toMermaid()).toBe(`flowchart LR
  clients([clients])
  subgraph nodes["edge nodes<br/>edge-1, edge-2"]
    address1["virtual address<br/>192.0.2.100"]
    front["front proxy<br/>edge-front-envoy<br/>TCP 80, 443"]
  end
  gateway1["Istio gateway<br/>istio-ingress/edge-gateway<br/>TCP 80, 443"]
  service1["service<br/>shop/shop:8080"]
  service2["service<br/>shop/api:8080"]
  clients --> address1
  address1 --> front
  front --> gateway1
  gateway1 -->|"https://shop.example.com/"| service1
  gateway1 -->|"https://shop.example.com/api/"| service2
`);
});

test('a gateway on the nodes stands in their box, before it a front proxy or the address', () => {
  const gateway = EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } });
  expect(parts(edgeOf({ gateway })).nodes).toContain('gateway1[');
  const direct = parts(edgeOf({ gateway, frontProxy: EdgeFrontProxy.none() }));
  expect(direct.nodes).not.toContain('front[');
  expect(direct.rest).toContain('  address1 --> gateway1\n');
});

test('without virtual addresses clients use those of the nodes', () => {
  const { nodes } = parts(edgeOf({ nodes: EdgeNodes.labeled({ edge: 'true' }), virtualAddresses: undefined, networkInterface: undefined }));
  expect(nodes).toContain('"edge nodes<br/>edge=true"');
  expect(nodes).toContain('address1["addresses of the nodes"]');
});

test('says what passes through, and the ports of TCP services; one service is one box', () => {
  const edge = edgeOf();
  edge.exposeTlsPassthrough('vault.example.com', { ...SHOP, service: 'vault' });
  edge.expose('blog.example.com', { ...SHOP, service: 'vault' });
  edge.exposeTcp(5432, { service: 'postgres', serviceNamespace: 'db', port: 5432 });
  edge.exposeTcp(8883, { service: 'mqtt', serviceNamespace: 'iot', port: 8883, serverName: 'mqtt.example.com' });
  const { nodes, rest } = parts(edge);
  expect(nodes).toContain('TCP 80, 443, 5432, 8883');
  expect(rest).toContain('|"vault.example.com, TLS passes through"| service1\n');
  expect(rest).toContain('|"http://blog.example.com/"| service1\n');
  expect(rest).toContain('|"TCP 5432"| service2\n');
  expect(rest).toContain('|"TLS 8883 mqtt.example.com, TLS passes through"| service3\n');
});

test('several entries have an address, a gateway and services each', () => {
  const edge = edgeOf();
  edge.expose('shop.example.com', SHOP);
  const inside = edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.101')] });
  inside.exposeTcp(5432, { service: 'postgres', serviceNamespace: 'db', port: 5432 });
  const { nodes, rest } = parts(edge);
  expect(nodes).toContain('address1["virtual address<br/>192.0.2.100"]\n    address2["virtual address<br/>192.0.2.101"]');
  expect(nodes).toContain('TCP 80, 443, 5432');
  expect(rest).toContain('  front -->|"to 192.0.2.100"| gateway1\n  front -->|"to 192.0.2.101"| gateway2\n');
  expect(rest).toContain('gateway2["Istio gateway<br/>istio-ingress/edge-inside-gateway<br/>TCP 80, 443, 5432"]');
  expect(rest).toContain('  gateway1 -->|"http://shop.example.com/"| service1\n  gateway2 -->|"TCP 5432"| service2\n');
});

test('asking twice gives the same text, and writes nothing', () => {
  const edge = edgeOf();
  const before = edge.node.findAll().length;
  expect(edge.toMermaid()).toBe(edge.toMermaid());
  expect(edge.node.findAll()).toHaveLength(before);
});

test('a name cannot become markup', () => {
  const text = renderMermaid({
    nodes: '"]; click nodes "javascript:x" <b>`#', entries: [{ addresses: [], gateway: { name: 'g', onNodes: false, ports: [80] }, services: [{ request: 'a|b', service: 'x]\n' }] }],
  });
  expect(text).toContain('subgraph nodes["edge nodes<br/>#34;#93;#59; click nodes #34;javascript:x#34; #60;b#62;#96;#35;"]');
  expect(text).toContain('service1["service<br/>x#93;#10;"]');
  expect(text).toContain('-->|"a#124;b"| service1');
});
