// lines of keepalived.conf that only a comment explained
import { keepalivedProcess } from '../../../src/engines/keepalived/process';
import { renderCheckers, renderKeepalived } from '../../../src/engines/keepalived/render';
import { vip as activeActive } from '../golden/vip-active-active/model';
import { vip as unicast } from '../golden/vip-unicast/model';

const block = (text: string, name: string) => text.split(`\n${name} {\n`)[1].split('\n}')[0].split('\n').map(line => line.trim());

describe('the daemon', () => {
  const globals = () => block(renderKeepalived(unicast), 'global_defs');

  test('has the name of the model in its log', () => expect(globals()).toContain(`router_id ${unicast.name}`));
  test('announces the address again each minute, for a client that missed it', () => expect(globals()).toContain('vrrp_garp_master_refresh 60'));
  test('asks for no real-time priority, which needs a capability', () => expect(globals()).toContain('max_auto_priority -1'));
  test('tells its states to a script that it trusts, by a pipe in its own directory', () =>
    expect(globals()).toEqual(expect.arrayContaining(['vrrp_notify_fifo /run/keepalived/notify', 'vrrp_notify_fifo_script "sh /etc/keepalived-state.sh"'])));
  test('knows each instance by its number on the wire', () =>
    expect(renderKeepalived(activeActive).match(/^ +virtual_router_id .*$/gm)?.map(line => line.trim())).toEqual([101, 102, 103].map(id => `virtual_router_id ${id}`)));
  test('sends adverts that no router passes on', () => expect(renderKeepalived(unicast)).toContain('  unicast_ttl 255\n'));
  test('speaks multicast where no address of a node is known', () =>
    expect(renderKeepalived({ ...unicast, nodes: unicast.nodes.map(({ id }) => ({ id })) })).not.toMatch(/unicast|undefined/));
  test('tracks nothing where there is no check', () => expect(renderKeepalived({ ...unicast, checks: [] })).not.toMatch(/track_|checkers-alive/));
});

test('says at the top what it is, and how to read it', () => {
  const [first, second] = renderKeepalived(unicast).split('\n');
  expect([first, second]).toEqual([expect.stringContaining(unicast.name), expect.stringContaining('@node')]);
});

test('a second address is asked in turn', () => {
  const [check] = unicast.checks;
  const line = (secondAddress?: string) => renderCheckers({ ...unicast, checks: [{ ...check, secondAddress }] }).trim().split(' ').slice(8);
  expect(line('::1')).toEqual([`http://[::1]:${check.port}${check.path}`]);
  expect(line()).toEqual([]);
});

test('the start script is told the addresses of all instances in order, those that move along too', () => {
  const [instance] = activeActive.instances;
  const instances = [{ ...instance, addresses: ['192.0.2.9', '192.0.2.100'], excludedAddresses: ['2001:db8::1'] }];
  expect(keepalivedProcess({ ...activeActive, instances }).command[3]).toBe('192.0.2.100/32,192.0.2.9/32,2001:db8::1/128');
});
test('readiness is told the instances in order, whatever their order in the model', () => {
  const instances = [...activeActive.instances].reverse();
  expect(keepalivedProcess({ ...activeActive, instances }).readiness).toEqual(keepalivedProcess(activeActive).readiness);
});
test.each([true, false])('every line begins with a word of keepalived, preempt: %p', preempt => {
  const text = renderKeepalived({ ...unicast, instances: unicast.instances.map(instance => ({ ...instance, preempt, preemptDelaySeconds: 0 })) });
  const words = text.split('\n').map(line => line.trim()).filter(line => !/^([#@}]|$)/.test(line)).map(line => line.split(' ')[0]);
  expect(words.filter(word => !/^([a-z_0-9]+|checkers-alive|front-envoy|192\.0\.2\.100\/32)$/.test(word))).toEqual([]);
});
test('every block that a line opens is closed', () => {
  const text = renderKeepalived(activeActive);
  expect(text.match(/\}$/gm)).toHaveLength(text.match(/\{$/gm)!.length);
});
test('keepalived gives its addresses up by itself, without a hook', () => expect(keepalivedProcess(unicast).preStop).toEqual([]));
