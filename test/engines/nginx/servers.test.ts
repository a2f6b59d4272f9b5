// the servers of nginx.conf: which one takes a connection, what it does with it, and who may read metrics
import { renderNginx } from '../../../src/engines/nginx/render';
import type { ProxyModel } from '../../../src/engines/proxy-model';
import { proxy as dualStack } from '../golden/dual-stack/model';
import { proxy as entries } from '../golden/entries/model';
import { proxy as localGateway } from '../golden/local-gateway/model';
import { proxy as metrics } from '../golden/metrics/model';
import { proxy as passthrough } from '../golden/passthrough/model';
import { proxy as sniRoutes } from '../golden/sni-routes/model';

/** Lines of each block that begins like this, without comments. */
function blocks(model: ProxyModel, header: string): string[][] {
  const found = [...renderNginx(model).matchAll(/^( *)(\S.*) \{\n([^]*?)\n\1\}$/gm)].flatMap(([, indent, name, body]) => [
    [name, body],
    // blocks of a block
    ...[...body.matchAll(/^( +)(\S.*) \{\n([^]*?)\n\1\}$/gm)].filter(([, inner]) => inner.length > indent.length).map(([, , inner, text]) => [inner, text]),
  ]);
  return found.filter(([name]) => name === header)
    .map(([, body]) => body.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#')));
}
const servers = (model: ProxyModel, listen: string) => blocks(model, 'server').filter(lines => lines.some(line => line.startsWith(`listen ${listen}`)));
const values = (model: ProxyModel, name: string) => [...renderNginx(model).matchAll(new RegExp(`^ *${name} (.*);$`, 'gm'))].map(match => match[1]);

describe('the addresses of an entry', () => {
  test('have a server at each port, which opens no socket of its own', () =>
    expect(servers(entries, '192.0.2.101:')).toEqual([
      ['listen 192.0.2.101:80;', 'listen [2001:db8::101]:80;', 'listen 192.0.2.102:80;', 'proxy_protocol on;', 'proxy_pass internal-80;'],
      ['listen 192.0.2.101:443;', 'listen [2001:db8::101]:443;', 'listen 192.0.2.102:443;', 'proxy_protocol on;', 'proxy_pass internal-443;'],
      ['listen 192.0.2.101:22;', 'listen [2001:db8::101]:22;', 'listen 192.0.2.102:22;', 'proxy_pass _no_route;'],
      ['listen 192.0.2.101:8443;', 'listen [2001:db8::101]:8443;', 'listen 192.0.2.102:8443;', 'proxy_protocol on;', 'proxy_pass internal-8443;'],
    ]));
  test('get a PROXY header only where their gateway receives it', () =>
    expect(servers(entries, '192.0.2.103:443')).toEqual([['listen 192.0.2.103:443;', 'proxy_pass mail-443;']]));
  test('leave the other addresses to the edge\'s gateway', () => {
    expect(servers(entries, '0.0.0.0:443')[0]).toEqual(expect.arrayContaining(['ssl_preread on;', 'proxy_pass $upstream_443;']));
    expect(servers(entries, '0.0.0.0:8443')[0]).toContain('proxy_pass _no_route;');
  });
  test('need the upstream without a server only if a port is missing', () => {
    const [http] = entries.listeners;
    const [inside] = entries.entries!;
    expect(blocks({ ...entries, listeners: [http], entries: [inside] }, 'upstream _no_route')).toEqual([]);
    expect(blocks({ ...entries, listeners: [http] }, 'upstream _no_route')).toEqual([['server 127.0.0.1:1 down;']]);
  });
  test('get the lines of the user too', () => {
    const added = servers({ ...entries, snippets: { server: 'deny 198.51.100.1;' } }, '').filter(lines => !lines.some(line => line.startsWith('location')));
    expect(added).toHaveLength(entries.listeners.length * (1 + entries.entries!.length));
    added.forEach(lines => expect(lines).toContain('deny 198.51.100.1;'));
  });
});

test.each([entries, metrics, sniRoutes, { ...localGateway, maxConnectionsPerClient: 5, logsSuccess: false }])('every line is a directive, or begins or ends a block', model => {
  const lines = renderNginx(model).split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#') && !/^(log_format|' )/.test(line));
  expect(lines.filter(line => !/(;|\{|\})$/.test(line))).toEqual([]);
  expect(lines.filter(line => line === '}')).toHaveLength(lines.filter(line => line.endsWith('{')).length);
});

describe('metrics', () => {
  const server = () => servers(metrics, '0.0.0.0:341')[0];

  test('have a server on every address, only if there are any', () => {
    expect(server().slice(0, 2)).toEqual(['listen 0.0.0.0:341 reuseport;', 'listen [::]:341 ipv6only=on reuseport;']);
    expect(servers(dualStack, '0.0.0.0:341')).toEqual([]);
  });
  test('are for the readers alone, and not at a virtual address', () => {
    // without a default: nginx would warn of a reader 0.0.0.0/0 or ::/0, the networks of a default
    expect(blocks(metrics, 'geo $reader').map(lines => lines.filter(line => !line.startsWith('#')))).toEqual([metrics.metrics!.readers.map(cidr => `${cidr} 1;`)]);
    expect(blocks(metrics, 'map $server_addr $virtual')).toEqual([['default 0;', '192.0.2.100 1;', '2001:db8::100 1;']]);
    expect(server()).toEqual(expect.arrayContaining(['if ($reader = "") { return 444; }', 'if ($virtual) { return 444; }']));
  });
  test('are one page, which can only be read', () => {
    expect(server()).toEqual(expect.arrayContaining(['if ($request_method != GET) { return 404; }', 'location / { return 404; }', 'default_type text/plain;']));
    expect(server().filter(line => line.startsWith('location = '))).toEqual([expect.stringMatching(/^location = \/metrics \{ return 200 "/)]);
  });
  test('let Prometheus go to the new process', () => expect(server()).toContain('keepalive_timeout 0;'));
  test('are four gauges in Prometheus\' format', () => {
    const lines = /return 200 "(.*)"/.exec(server().join('\n'))![1].split('\\n');
    expect(lines.pop()).toBe('');
    expect(lines.filter(line => !line.startsWith('#'))).toEqual(['active', 'reading', 'writing', 'waiting'].map(name => `nginx_connections_${name} $connections_${name}`));
    expect(lines.filter(line => line.startsWith('# TYPE'))).toEqual(['active', 'reading', 'writing', 'waiting'].map(name => `# TYPE nginx_connections_${name} gauge`));
    lines.filter(line => line.startsWith('# HELP')).forEach(line => expect(line).toMatch(/^# HELP nginx_connections_[a-z]+ \w+ \w+/));
    expect(lines).toHaveLength(12);
  });
});

describe('upstreams', () => {
  test('can be the gateway of this node, tried as often as a Service', () =>
    expect(blocks({ ...localGateway, maxConnectAttempts: 2 }, 'upstream gateway-443')).toEqual([
      ['server 127.0.0.1:10443 max_fails=0;', 'server 127.0.0.1:10443 max_fails=0 backup;'],
    ]));
  test('are tried one after the other', () => expect(values(passthrough, 'proxy_next_upstream')).toEqual(['on']));
});

describe('connections', () => {
  test('of a client that closes its sending side still get their answer', () => expect(values(passthrough, 'proxy_half_close')).toEqual(['on']));
  test('to a gateway that is gone end', () => expect(values(passthrough, 'proxy_socket_keepalive')).toEqual(['on']));
  test('that wait when the listener closes are accepted first', () => expect(values(passthrough, 'multi_accept')).toEqual(['on']));
  test('wait for the server name no longer than the model says', () =>
    expect(values({ ...sniRoutes, clientHelloTimeoutMs: 7_000 }, 'preread_timeout')).toEqual(['7s', '7s']));
  test('of one IPv6 network are those of one client', () => {
    const [[byNetwork, otherwise]] = blocks({ ...passthrough, maxConnectionsPerClient: 5 }, 'map $binary_remote_addr $client');
    const [, pattern] = /^"~\(\?s\)(.*)" \$network;$/.exec(byNetwork)!;
    const client = (bytes: string) => new RegExp(pattern, 's').exec(bytes)?.groups!.network;
    expect(client('\n2345678abcdefgh')).toBe('\n2345678');
    expect(client('1234')).toBeUndefined();
    expect(otherwise).toBe('default $binary_remote_addr;');
  });
});

describe('the log', () => {
  test('says when, from where, to where, by which name and upstream, how it ended, and how much', () => {
    const [format] = /log_format connection [^;]*;/.exec(renderNginx(passthrough))!;
    for (const variable of ['time_iso8601', 'remote_addr', 'remote_port', 'server_addr', 'server_port', 'ssl_preread_server_name', 'upstream_addr', 'upstream_connect_time', 'status', 'bytes_received', 'bytes_sent', 'session_time']) {
      expect(format).toContain(`$${variable}`);
    }
  });
  test('of failures leaves out what ended with 200, and only that', () =>
    expect(blocks({ ...passthrough, logsSuccess: false }, 'map $status $failed')).toEqual([['200 0;', 'default 1;']]));
  test('has nothing of health checks, and the errors of nginx', () => {
    expect(values(passthrough, 'access_log').slice(1)).toEqual(['off']);
    expect(values(passthrough, 'error_log')).toEqual(['stderr']);
  });
});

describe('server names', () => {
  test('match exactly first, then by the longest wildcard', () => expect(blocks(sniRoutes, 'map $ssl_preread_server_name $upstream_443')[0][0]).toBe('hostnames;'));
  test('can have 253 characters', () => expect(Number(values(sniRoutes, 'map_hash_bucket_size')[0])).toBeGreaterThan(253 + 16));
  test('have a table that is large enough for a few as it is', () => expect(values(sniRoutes, 'map_hash_max_size')).toEqual(['2048']));
  test('have a table for all names of the listener that has the most', () => {
    const [, https] = sniRoutes.listeners;
    const routes = Array.from({ length: 3_000 }, (_, index) => ({ serverName: `${index}.example.com`, upstream: sniRoutes.upstreams[0].name }));
    expect(values({ ...sniRoutes, listeners: [https, { ...https, name: 'tcp-8443', port: 8443, routes }] }, 'map_hash_max_size')).toEqual(['3000']);
  });
  test('have no table where no listener reads them', () => expect([...values(passthrough, 'map_hash_max_size'), ...values(passthrough, 'map_hash_bucket_size')]).toEqual([]));
  test('that no route matches need the upstream without a server, even if only one listener closes them', () => {
    expect(sniRoutes.listeners.map(({ defaultUpstream }) => defaultUpstream === undefined)).toEqual([false, true, false]);
    expect(blocks(sniRoutes, 'upstream _no_route')).toEqual([['server 127.0.0.1:1 down;']]);
  });
});

test('health is one page', () => {
  const [server] = servers(passthrough, `${passthrough.health.address}:`);
  expect(server.slice(-3)).toEqual(['default_type text/plain;', expect.stringMatching(/^location = \/healthz \{ return 200 /), 'location / { return 404; }']);
});
