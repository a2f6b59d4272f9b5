// the container beside keepalived that Prometheus reads: what its script is told, and what its nginx serves, and to whom
import { keepalivedMetricsProcess } from '../../../src/engines/keepalived/metrics';
import { METRICS } from '../../../src/engines/keepalived/scripts';
import { vip as activeActive } from '../golden/vip-active-active/model';

const endpoint = { addresses: ['0.0.0.0', '::'], port: 9_650, readers: ['10.244.0.0/16', '2001:db8:1::/64'], refusedAt: ['192.0.2.100'] };
const metrics = (model = activeActive) => keepalivedMetricsProcess(model, endpoint);
const settings = (model = activeActive) => metrics(model).files['keepalived-metrics.txt'];

/** The blocks round each directive of nginx.conf, outermost first, and its words. As nginx reads it: a block can stand in one line. */
function directives(): { path: string[]; words: string[] }[] {
  const found: { path: string[]; words: string[] }[] = [];
  const path: string[] = [];
  let words: string[] = [];
  for (const [token] of metrics().files['keepalived-metrics.conf'].replace(/^\s*#.*$/gm, '').matchAll(/[{};]|[^\s{};]+/g)) {
    if (token === '{') {
      path.push(words.join(' '));
    } else if (token === ';') {
      found.push({ path: [...path], words });
    } else if (token === '}') {
      // an empty block is known by its name alone
      found.push({ path: [...path], words: [] });
      path.pop();
    } else {
      words.push(token);
      continue;
    }
    words = [];
  }
  expect([path, words]).toEqual([[], []]);
  return found;
}
/** The directives of a block, each as one text. */
const inBlock = (...path: string[]) => directives().filter(one => one.words.length > 0 && one.path.join('/') === path.join('/')).map(({ words }) => words.join(' '));

describe('the script', () => {
  test('reads keepalived\'s directory, writes to one of its own, and takes a verdict for old after the slowest check and five seconds more', () => {
    expect(metrics().command).toEqual(['/bin/sh', '/etc/keepalived-metrics.sh', '/run/keepalived', '/run/metrics', '7']);
    expect(metrics().writableDirectories).toEqual(['/run/metrics']);
    const [check] = activeActive.checks;
    const age = (intervalMs: number, timeoutMs: number) => metrics({ ...activeActive, checks: [{ ...check, intervalMs, timeoutMs }] }).command.at(-1);
    expect([age(200, 1_000), age(3_100, 3_100), age(200, 9_001)]).toEqual(['6', '9', '15']);
    expect(metrics({ ...activeActive, checks: [] }).command.at(-1)).toBe('5');
  });
  test('finds each file that it names, and there is no other', () => {
    const { files } = metrics();
    expect(files['keepalived-metrics.sh']).toBe(METRICS.text);
    expect(Object.keys(files).sort()).toEqual([...new Set(METRICS.text.match(/keepalived-metrics\.(conf|txt)/g)), 'keepalived-metrics.sh'].sort());
  });
  test('is told all instances and checks in order, and two settings of the node', () =>
    expect(settings().split('\n').map(line => line.split(' '))).toEqual([
      ...activeActive.instances.map(({ name, virtualRouterId, addresses, excludedAddresses }) => ['instance', name, `${virtualRouterId}`, ...addresses, ...excludedAddresses])
        .sort(([, one], [, other]) => one < other ? -1 : 1),
      ['check', 'admin-gateway'], ['check', 'front-envoy'],
      ['sysctl', 'node_sysctl_net_ipv4_tcp_migrate_req', '/proc/sys/net/ipv4/tcp_migrate_req'],
      ['sysctl', 'node_sysctl_net_ipv4_tcp_tw_reuse', '/proc/sys/net/ipv4/tcp_tw_reuse'],
      [''],
    ]));
  test('is told the addresses of the other family too', () => {
    const [instance] = activeActive.instances;
    expect(settings({ ...activeActive, instances: [{ ...instance, name: 'both', virtualRouterId: 7, addresses: ['192.0.2.1'], excludedAddresses: ['2001:db8::1'] }] }))
      .toMatch(/^instance both 7 192\.0\.2\.1 2001:db8::1$/m);
  });
  test('is told the same in whatever order the parts come', () => {
    const { instances, checks } = activeActive;
    expect(settings({ ...activeActive, instances: [...instances].reverse(), checks: [...checks].reverse() })).toBe(settings());
    expect(settings({ ...activeActive, instances: [...instances], checks: [...checks].sort((a, b) => a.name < b.name ? -1 : 1) })).toBe(settings());
  });
});

test('stop no address from moving: the container is always ready and alive', () => {
  const { readiness, liveness, preStop } = metrics();
  expect([readiness, liveness, preStop]).toEqual([[], [], []]);
});

describe('nginx', () => {
  test('stays in the foreground as root, and logs errors alone, where kubectl reads them', () => {
    expect(inBlock()).toEqual(expect.arrayContaining(['daemon off', 'user root', 'error_log stderr']));
    expect(inBlock('http')).toContain('access_log off');
  });
  test('has room for more connections than Prometheus opens', () => expect(inBlock('events')).toEqual([expect.stringMatching(/^worker_connections [1-9]\d+$/)]));
  test('writes nothing outside its directory', () => {
    const paths = [...inBlock(), ...inBlock('http')].filter(line => line.includes('/')).map(line => line.split(' '));
    expect(paths.map(([name]) => name)).toEqual(['pid', 'client_body_temp_path', 'proxy_temp_path', 'fastcgi_temp_path', 'uwsgi_temp_path', 'scgi_temp_path']);
    expect(paths.filter(([, path]) => !/^\/run\/metrics\/[a-z._]+$/.test(path))).toEqual([]);
  });
  test('listens on each address, and nowhere else', () =>
    expect(inBlock('http', 'server').filter(line => line.startsWith('listen'))).toEqual(['listen 0.0.0.0:9650 reuseport', 'listen [::]:9650 ipv6only=on reuseport']));
  test('serves the newest file that the script has written, as plain text, and nothing else', () => {
    expect(inBlock('http', 'server', 'location = /metrics')).toEqual(['alias /run/metrics/metrics', 'etag off', 'if_modified_since off']);
    // without names of types, the default type counts for every name
    expect(directives().map(({ path }) => path.slice(2).join('/'))).toContain('location = /metrics/types');
    expect(inBlock('http', 'server')).toContain('default_type text/plain');
    expect(inBlock('http', 'server', 'location /')).toEqual(['return 404']);
  });
  test('refuses all but the readers, and everyone at a virtual address', () => {
    expect(inBlock('http', 'geo $reader').filter(line => !line.startsWith('#'))).toEqual(['10.244.0.0/16 1', '2001:db8:1::/64 1']);
    expect(inBlock('http', 'map $server_addr $virtual')).toEqual(['default 0', '192.0.2.100 1']);
    for (const condition of ['$reader = ""', '$virtual']) {
      expect(inBlock('http', 'server', `if (${condition})`)).toEqual(['return 444']);
    }
  });
});
