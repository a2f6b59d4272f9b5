// what the rules of a hand-over say; handover.engine.test.ts shows what they do
import { handover as model } from './golden/handover-dual-stack/model';
import type { HandoverModel } from '../../src/engines/handover/model';
import { handoverProcess } from '../../src/engines/handover/process';
import { renderHandover } from '../../src/engines/handover/render';
import { numberOf, renderSilence } from '../../src/engines/handover/render-silence';

const [first, second, third] = model.nodes;
const only = (changes: Partial<HandoverModel>): HandoverModel => ({ ...model, ...changes });
const chain = (text: string, table: string, name: string) =>
  text.split(`table ${table} ${model.name} {\n`)[1].split(`  chain ${name} {\n`)[1].split('  }\n')[0].trim().split('\n').map(line => line.trim());
/** The places in the model of the nodes to which a chain passes packets on. */
const relaysTo = (lines: string[]) => lines.flatMap(line => line.match(/@alive(\d) goto to\1$/)?.[1] ?? []).map(Number);

describe('a packet without a socket', () => {
  test('goes to the first other node that is alive', () =>
    expect(model.nodes.map(node => relaysTo(chain(renderHandover(model, node), 'ip', 'slot1')))).toEqual([[2, 3], [1, 3], [1, 2]]));
  test('from another node goes up the list only, so that it never goes round', () =>
    expect(model.nodes.map(node => relaysTo(chain(renderHandover(model, node), 'ip6', 'next1')))).toEqual([[2, 3], [3], []]));
  test('goes to the address of that node, in its family', () => {
    expect(chain(renderHandover(model, first), 'ip', 'to2')).toEqual(['dup to 192.0.2.12 device "eth0" drop']);
    expect(chain(renderHandover(model, second), 'ip6', 'to3')).toEqual(['dup to 2001:db8::13 device "bond0.100" drop']);
  });
  test('is relayed only after all reasons to keep it', () => {
    const ends = (name: string) => chain(renderHandover(model, first), 'ip', name).filter(line => !line.startsWith('#')).map(line => line.split(' ').pop());
    expect(ends('virtual')).toEqual(['opening', 'accept', 'accept', 'slot1']);
    expect(ends('slot1')).toEqual(['next1', 'accept', 'to2', 'to3']);
    expect(ends('next1')).toEqual(['accept', 'to2', 'to3']);
  });
  test('is relayed only if its port is that of a listener, and its address a virtual one', () => {
    const lines = chain(renderHandover(only({ ports: [80, 443, 5_432] }), first), 'ip', 'arriving');
    expect(lines[lines.length - 1]).toBe('ip daddr { 192.0.2.100, 192.0.2.101 } tcp dport { 80, 443, 5432 } goto virtual');
  });
});

test('a family in which the node has no address of its own is left out', () => {
  const ipv4 = only({ nodes: [{ ...first, ipv6: undefined }, second, third] });
  expect(renderHandover(ipv4, ipv4.nodes[0])).not.toContain('table ip6 handover.istio-ingress.edge-vip {');
  expect(relaysTo(chain(renderHandover(ipv4, second), 'ip6', 'slot1'))).toEqual([3]);
});

test('a family without a virtual address, or without another node, is left out', () => {
  const tablesOf = (text: string) => text.match(/^table ip6? \S+ \{$/gm)!.map(line => line.split(' ')[1]);
  const withoutAddress = only({ instances: [{ ...model.instances[0], addresses: ['192.0.2.100'] }] });
  const alone = only({ nodes: model.nodes.map((node, position) => ({ ...node, ipv6: position === 0 ? node.ipv6 : undefined })) });
  expect([model, withoutAddress, alone].map(one => tablesOf(renderHandover(one, one.nodes[0])))).toEqual([['ip', 'ip6'], ['ip'], ['ip']]);
});

test('loading the text again replaces the tables, those of a family that is left out too', () => {
  const ipv4 = only({ instances: [{ ...model.instances[0], addresses: ['192.0.2.100'] }] });
  expect(renderHandover(ipv4, first)).toMatch(/^#.*\ntable ip (\S+)\ndelete table ip \1\ntable ip6 \1\ndelete table ip6 \1\n/);
});

describe('silence', () => {
  const questions = (text: string) => text.split('  chain questions {\n')[1].split('  }\n')[0].trim().split('\n').slice(1).map(line => line.trim());

  test('drops questions for an address while the node sends no adverts of its instance', () =>
    expect(questions(renderSilence(model, first)).map(line => line.replace(/numgen inc mod 1 /g, ''))).toEqual([
      'arp operation request arp daddr ip 192.0.2.100 != @holds100 drop',
      'icmpv6 type nd-neighbor-solicit @th,64,128 0x20010db8000000000000000000000100 != @holds100 drop',
      'arp operation request arp daddr ip 192.0.2.101 != @holds101 drop',
    ]));
  test('knows an advert by its first address, in the family of that address', () => {
    const ipv6 = only({ instances: [model.instances[1], { virtualRouterId: 7, advertMs: 200, addresses: ['2001:db8::100'] }] });
    const adverts = renderSilence(ipv6, first).match(/.*(ip protocol|ip6 nexthdr) 112.*/g)!.map(line => line.trim());
    expect(adverts).toEqual([
      'oifname "eth0" ip protocol 112 @th,64,32 0xc0000265 dup to 127.0.0.1 device "lo"',
      'oifname "eth0" ip6 nexthdr 112 @th,64,128 0x20010db8000000000000000000000100 dup to ::1 device "lo"',
      'ip protocol 112 @th,64,32 0xc0000265 goto advert101',
      'ip6 nexthdr 112 @th,64,128 0x20010db8000000000000000000000100 goto advert7',
    ]);
  });
  const lines = () => renderSilence(model, first).split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'));
  const after = (opening: string, count: number) => lines().slice(lines().indexOf(opening) + 1, lines().indexOf(opening) + 1 + count);

  test('replaces its tables in one step, and those of a family that is left out too', () =>
    expect(lines().slice(0, 6)).toEqual(['ip', 'ip6', 'netdev'].flatMap(family => [`table ${family} ${model.name}-silence`, `delete table ${family} ${model.name}-silence`])));
  test('sees adverts as they leave, and questions as they arrive at the interface', () => {
    expect(lines()).toContain(`table ip ${model.name}-silence {`);
    expect(after('chain adverts {', 1)).toEqual(['type filter hook output priority -150']);
    expect(lines()).toContain(`table netdev ${model.name}-silence {`);
    expect(after('chain copies {', 1)).toEqual(['type filter hook egress device "lo" priority 0']);
    expect(after('chain questions {', 1)).toEqual(['type filter hook ingress device "eth0" priority 0']);
  });
  test('has a table for the adverts of a family only if an address of it is advertised', () => {
    const ipv4 = renderSilence(only({ instances: [model.instances[1]] }), first);
    expect(ipv4).toContain(`table ip ${model.name}-silence {`);
    expect(ipv4).not.toContain(`table ip6 ${model.name}-silence {`);
  });
  test('ends with an advert, begins again with an advert of priority 0, and waits longer for an interval that it does not know', () =>
    expect(after('chain advert100 {', 3)).toEqual([
      '@th,16,8 0 delete @holds100 { numgen inc mod 1 } drop',
      `@th,32,16 ${model.instances[0].advertMs / 10} update @holds100 { numgen inc mod 1 } drop`,
      'update @holds100 { numgen inc mod 1 timeout 2m } drop',
    ]));
  test('remembers each instance in a set of its own', () =>
    expect(lines().filter(line => line.startsWith('set '))).toEqual(['set holds100 {', 'set holds101 {']));
  test('closes each block', () => [renderSilence, renderHandover].forEach(render => {
    const text = render(model, first);
    expect(text.match(/^ *\}$/gm)).toHaveLength(text.match(/ \{$/gm)!.length);
  }));
  test('lasts from when another node would take over', () => {
    const slow = only({ instances: [{ ...model.instances[0], advertMs: 10_000 }] });
    expect(renderSilence(slow, first)).toMatch(/set holds100 \{\n.*\n.*\n *timeout 35000ms\n/);
  });
  test.each([
    ['2001:db8::100', '0x20010db8000000000000000000000100'],
    ['::1', '0x00000000000000000000000000000001'],
    ['fd00:1:2:3:4:5:6:7', '0xfd000001000200030004000500060007'],
    ['fd00::', '0xfd000000000000000000000000000000'],
  ])('finds %s in a neighbour solicitation', (address, hex) => expect(numberOf(address)).toBe(hex));
});

test('a node reads its own address, its addresses and its peers, and the names of its files are those that the program opens', () => {
  const { files, command } = handoverProcess(model);
  expect(files['handover-edge-2.txt'].split('\n')).toEqual([
    'interface bond0.100', 'family ip', 'family ip6', 'address 192.0.2.100', 'address 192.0.2.101', 'address 2001:db8::100',
    'peer 1 192.0.2.11', 'peer 3 192.0.2.13', 'peer 1 2001:db8::11', 'peer 3 2001:db8::13',
    'instance 100 2 192.0.2.100 2001:db8::100', 'instance 101 2 192.0.2.101', '',
  ]);
  expect(command).toEqual(['/bin/sh', '/etc/handover.sh', 'handover.istio-ingress.edge-vip', '11100', '120', '3600']);
  expect(Object.keys(files).sort()).toEqual(['handover-liveness.sh', 'handover.sh', ...model.nodes.flatMap(({ id }) => [`handover-${id}.nft`, `handover-${id}.txt`, `silence-${id}.nft`])].sort());
});

test('the container is always ready, has a liveness probe, no hook, and writes nowhere', () => {
  const { readiness, liveness, preStop, writableDirectories } = handoverProcess(model);
  expect([readiness, preStop, writableDirectories]).toEqual([[], [], []]);
  expect(liveness).toEqual(['/bin/sh', '/etc/handover-liveness.sh', '1']);
});
test('connections are counted only if there is a file for them', () => {
  const settings = (connectionsFile?: string) => handoverProcess(only({ connectionsFile })).files['handover-edge-1.txt'];
  expect(settings('/run/metrics/connections')).toContain('\nconnections /run/metrics/connections\n');
  expect(settings()).not.toContain('connections');
});
test('every line begins with a word of nftables', () => model.nodes.flatMap(node => [renderHandover(model, node), renderSilence(model, node)]).forEach(text => {
  const words = new Set(text.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#')).map(line => line.split(' ')[0]));
  const known = [
    'table', 'delete', 'set', 'chain', 'type', 'typeof', 'flags', 'timeout', 'size', '}', 'iifname', 'oifname', 'icmp', 'icmpv6', 'ip', 'ip6', 'update', 'tcp', 'socket',
    'goto', 'accept', 'dup', 'meta', 'ether', 'arp', '@th,16,8', '@th,32,16',
  ];
  expect([...words].filter(word => !known.includes(word))).toEqual([]);
}));

test.each([[10, 2], [200, 2], [400, 2], [1_000, 4], [10_000, 31]])(
  'with adverts every %i ms, an address lives for %i s: two nodes have it for less than two seconds', (advertMs, seconds) => {
    const { files } = handoverProcess(only({ instances: [{ virtualRouterId: 100, advertMs, addresses: ['192.0.2.100'] }] }));
    expect(files['handover-edge-1.txt']).toContain(`\ninstance 100 ${seconds} 192.0.2.100\n`);
  });
