// lines of keepalived.conf that only a comment explained, and the container for metrics
import { keepalivedMetricsProcess } from '../../../src/engines/keepalived/metrics';
import { keepalivedProcess } from '../../../src/engines/keepalived/process';
import { renderCheckers, renderKeepalived } from '../../../src/engines/keepalived/render';
import { vip as activeActive } from '../golden/vip-active-active/model';
import { vip as unicast } from '../golden/vip-unicast/model';

const block = (text: string, name: string) => text.split(`\n${name} {\n`)[1].split('\n}')[0].split('\n').map(line => line.trim());
const endpoint = { addresses: ['0.0.0.0'], port: 9_650, readers: ['10.244.0.0/16'], refusedAt: ['192.0.2.100'] };

describe('the daemon', () => {
  const globals = block(renderKeepalived(unicast), 'global_defs');

  test('has the name of the model in its log', () => expect(globals).toContain(`router_id ${unicast.name}`));
  test('announces the address again each minute, for a client that missed it', () => expect(globals).toContain('vrrp_garp_master_refresh 60'));
  test('asks for no real-time priority, which needs a capability', () => expect(globals).toContain('max_auto_priority -1'));
  test('tells its states to a script that it trusts, by a pipe in its own directory', () =>
    expect(globals).toEqual(expect.arrayContaining(['vrrp_notify_fifo /run/keepalived/notify', 'vrrp_notify_fifo_script "sh /etc/keepalived-state.sh"'])));
  test('sends adverts that no router passes on', () => expect(renderKeepalived(unicast)).toContain('  unicast_ttl 255\n'));
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
test('keepalived gives its addresses up by itself, without a hook', () => expect(keepalivedProcess(unicast).preStop).toEqual([]));

describe('metrics', () => {
  const { command, files, readiness, liveness, preStop, writableDirectories } = keepalivedMetricsProcess(activeActive, endpoint);

  test('are written by a script, which takes a verdict for old after the slowest check and five seconds more', () => {
    expect(command).toEqual(['/bin/sh', '/etc/keepalived-metrics.sh', '/run/keepalived', '/run/metrics', '7']);
    const [check] = activeActive.checks;
    const age = (intervalMs: number, timeoutMs: number) =>
      keepalivedMetricsProcess({ ...activeActive, checks: [{ ...check, intervalMs, timeoutMs }] }, endpoint).command.at(-1);
    expect([age(200, 1_000), age(3_100, 3_100), age(200, 9_001)]).toEqual(['6', '9', '15']);
    expect(keepalivedMetricsProcess({ ...activeActive, checks: [] }, endpoint).command.at(-1)).toBe('5');
  });
  test('stop no address from moving: the container is always ready and alive', () => expect([readiness, liveness, preStop]).toEqual([[], [], []]));
  test('have the names of all instances and checks in order, and two settings of the node', () =>
    expect(files['keepalived-metrics.txt'].trim().split('\n').map(line => line.split(' '))).toEqual([
      ...activeActive.instances.map(({ name, virtualRouterId, addresses, excludedAddresses }) => ['instance', name, `${virtualRouterId}`, ...addresses, ...excludedAddresses])
        .sort(([, one], [, other]) => one < other ? -1 : 1),
      ['check', 'admin-gateway'], ['check', 'front-envoy'],
      ['sysctl', 'node_sysctl_net_ipv4_tcp_migrate_req', '/proc/sys/net/ipv4/tcp_migrate_req'],
      ['sysctl', 'node_sysctl_net_ipv4_tcp_tw_reuse', '/proc/sys/net/ipv4/tcp_tw_reuse'],
    ]));
  test('are served by nginx in the foreground, which writes to one directory', () => {
    const text = files['keepalived-metrics.conf'];
    expect(writableDirectories).toEqual(['/run/metrics']);
    expect(text).toMatch(/^daemon off;$/m);
    expect(text).toMatch(/^user root;$/m);
    expect(text).toMatch(/^pid \/run\/metrics\/nginx\.pid;$/m);
    expect(text).toMatch(/^error_log stderr;$/m);
    expect(text).toMatch(/^events \{\n +worker_connections \d+;\n\}$/m);
    expect(text).toMatch(/^ +access_log off;$/m);
    expect(text.match(/_temp_path \S+;/g)!.every(path => path.includes(' /run/metrics/'))).toBe(true);
  });
  test('are the newest file: a reader gets no answer from a cache', () =>
    expect(files['keepalived-metrics.conf']).toContain('location = /metrics { alias /run/metrics/metrics; types {} etag off; if_modified_since off; }'));
  test('are for readers alone', () => {
    expect(files['keepalived-metrics.conf']).toContain('10.244.0.0/16 0;');
    expect(files['keepalived-metrics.conf']).toContain('192.0.2.100 1;');
  });
});
