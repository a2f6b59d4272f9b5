// what the rules say by which all nodes share the connections; handover-spread.engine.test.ts shows what they do
import { handover as model } from './golden/handover-spread/model';
import { ordersOf } from '../../src/engines/handover/families';
import type { HandoverModel, HandoverNode } from '../../src/engines/handover/model';
import { handoverProcess } from '../../src/engines/handover/process';
import { renderHandover } from '../../src/engines/handover/render';

const nodes = (count: number): HandoverNode[] => Array.from({ length: count }, (_, index) => (
  { id: `edge-${index + 1}`, networkInterface: 'eth0', ipv4: `192.0.2.1${index + 1}`, ipv6: `2001:db8::1${index + 1}` }));
const withNodes = (count: number): HandoverModel => ({ ...model, nodes: nodes(count) });
const ids = (order: HandoverNode[]) => order.map(node => Number(node.id.slice(-1)));
const chain = (text: string, name: string) => text.split(`  chain ${name} {\n`)[1].split('  }\n')[0].trim().split('\n').map(line => line.trim());
const numbers = (lines: string[], flag: string) => lines.flatMap(line => line.match(new RegExp(`^meta pkttype @${flag}(\\d) goto`))?.[1] ?? []).map(Number);

describe('the slots', () => {
  test('of three nodes are the orders round the ring, from each node on', () =>
    expect(ordersOf(withNodes(3)).map(ids)).toEqual([[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 3, 2], [2, 1, 3], [3, 2, 1]]));
  test.each([2, 3, 4, 5, 6, 7, 8])('of %d nodes give each node the same share, also of the connections of a dead one', count => {
    const orders = ordersOf(withNodes(count)).map(ids);
    orders.forEach(order => expect([...order].sort()).toEqual(ids(nodes(count))));
    const times = (items: number[]) => ids(nodes(count)).map(id => items.filter(item => item === id).length);
    expect(times(orders.map(([first]) => first))).toEqual(nodes(count).map(() => 2));
    ids(nodes(count)).forEach(dead => {
      const heirs = orders.filter(([first]) => first === dead).map(([, second]) => second);
      expect(new Set(heirs).size).toBe(count === 2 ? 1 : 2);
    });
  });
  test('without spreading are one, the order of the model', () => expect(ordersOf({ ...withNodes(3), spread: undefined }).map(ids)).toEqual([[1, 2, 3]]));
});

describe.each([2, 3, 8])('the rules of %d nodes', count => {
  const all = withNodes(count);
  const texts = () => all.nodes.map(node => renderHandover(all, node));

  test('send a packet to the same slot on every node', () => {
    const hashes = texts().map(text => chain(text, 'virtual').filter(line => line.startsWith('jhash')));
    expect(hashes[0]).toHaveLength(2 * count);
    hashes.forEach(lines => expect(lines).toEqual(hashes[0]));
  });
  test('offer a new connection to the nodes in the order of its slot', () => texts().forEach((text, index) =>
    ordersOf(all).map(ids).forEach((order, slot) => {
      const lines = chain(text, `new${slot + 1}`);
      expect(numbers(lines, 'ready')).toEqual(order.filter(id => id !== index + 1));
      expect(lines.findIndex(line => line.startsWith('meta pkttype @ready socket'))).toBe(order.indexOf(index + 1));
    })));
  test('pass a packet of a client on in the order of its slot, and one of a peer only to the nodes after this one', () => texts().forEach((text, index) =>
    ordersOf(all).map(ids).forEach((order, slot) => {
      expect(numbers(chain(text, `slot${slot + 1}`), 'alive')).toEqual(order.filter(id => id !== index + 1));
      expect(numbers(chain(text, `next${slot + 1}`), 'alive')).toEqual(order.slice(order.indexOf(index + 1) + 1));
    })));
});

test('a ConfigMap has room for eight nodes and two families', () =>
  expect(Buffer.byteLength(Object.values(handoverProcess(withNodes(8)).files).join(''))).toBeLessThan(512 * 1024));

test('the program learns what to read of the checkers, and how old it may be', () => {
  const { files } = handoverProcess({ ...model, spread: { ...model.spread!, checks: ['a', 'b'] } });
  expect(files['handover-edge-1.txt']).toContain('\ncheck /run/keepalived/a\ncheck /run/keepalived/b\npatience 130\n');
});
