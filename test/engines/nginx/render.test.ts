// what the text must say, property by property of the model
import { renderNginx } from '../../../src/engines/nginx/render';
import type { ProxyListener, ProxyModel } from '../../../src/engines/proxy-model';
import { proxy as dualStack } from '../golden/dual-stack/model';
import { proxy as passthrough } from '../golden/passthrough/model';
import { proxy as proxyProtocol } from '../golden/pods-proxy-protocol/model';
import { proxy as sniRoutes } from '../golden/sni-routes/model';

/** Directives of that name, without the name. */
function values(model: ProxyModel, name: string): string[] {
  return [...renderNginx(model).matchAll(new RegExp(`^ *${name} (.*);$`, 'gm'))].map(match => match[1]);
}

const https = (listener: Partial<ProxyListener>): ProxyModel => ({
  ...passthrough,
  listeners: [{ name: 'https', addresses: ['0.0.0.0'], port: 443, routes: [], ...listener }],
});

test('says at the top where edits belong', () => {
  expect(renderNginx(passthrough)).toMatch(/^# Written by cdk8s-istio-edge\. Change the construct/);
});

test('workers stay root, in the foreground, as many as the model says', () => {
  expect(renderNginx({ ...passthrough, concurrency: 7 })).toMatch(/^daemon off;\n#.*\nuser root;\nworker_processes 7;$/m);
});

test('has room for every server name: nginx would warn, and enlarge the table by itself', () => {
  const routes = Array.from({ length: 3_000 }, (_, index) => ({ serverName: `${index}.example.com`, upstream: 'gateway-443' }));
  expect(values({ ...sniRoutes, listeners: [{ ...sniRoutes.listeners[1], routes }] }, 'map_hash_max_size')).toEqual(['3000']);
});

describe('connections', () => {
  test('each worker has its share, counted by its process id', () => {
    expect(values({ ...passthrough, maxConnections: 1_000, concurrency: 3 }, 'limit_conn')).toEqual(['connections 334']);
    expect(values(passthrough, 'limit_conn_zone')).toEqual(['$pid zone=connections:64k']);
  });

  test('of one client each worker has its share too, counted in a place for each connection, and for those of workers that were killed', () => {
    const limited = { ...passthrough, maxConnections: 1_000, maxConnectionsPerClient: 100, concurrency: 3 };
    expect(values(limited, 'limit_conn')).toEqual(['connections 334', 'clients 34']);
    const [, zone] = values(limited, 'limit_conn_zone');
    expect(zone).toBe('"$pid $client" zone=clients:806k');
    expect(806 * 1024).toBeGreaterThan((1_000 + 32 * 334) * 64);
    expect(renderNginx(passthrough)).not.toContain('$client');
  });

  test('a worker has room for two sockets of each, and for the health endpoint when it is full', () => {
    expect(values({ ...passthrough, maxConnections: 1_000, concurrency: 2 }, 'worker_connections')).toEqual(['1512']);
    expect(values({ ...passthrough, fileDescriptors: 4_000 }, 'worker_rlimit_nofile')).toEqual(['4000']);
  });
});

test('times and attempts are those of the model', () => {
  const model = { ...passthrough, connectTimeoutMs: 400, idleTimeoutMs: 90_000, maxConnectAttempts: 2 };
  expect(values(model, 'proxy_connect_timeout')).toEqual(['400ms']);
  expect(values(model, 'proxy_timeout')).toEqual(['90s']);
  expect(values(model, 'proxy_next_upstream_tries')).toEqual(['2']);
});

test('logs what failed, and the rest where it is asked to', () => {
  expect(values(passthrough, 'access_log')[0]).toBe('/dev/stdout connection buffer=4k flush=1s');
  expect(values({ ...passthrough, logsSuccess: false }, 'access_log')[0]).toBe('/dev/stdout connection buffer=4k flush=1s if=$failed');
});

describe('upstreams', () => {
  const server = 'gateway.istio-ingress.svc.cluster.local.:80 max_fails=0';

  test('are the ClusterIP Services, by absolute names, once for each attempt', () => {
    expect(values({ ...proxyProtocol, upstreams: [proxyProtocol.upstreams[0]] }, 'server')).toEqual([server, `${server} backup`, `${server} backup`]);
    expect(values({ ...passthrough, upstreams: [passthrough.upstreams[0]], maxConnectAttempts: 1 }, 'server')).toEqual([server]);
  });
});

describe('listeners', () => {
  test('bind every address, share the port and ask whether the client is alive', () => {
    expect(values({ ...dualStack, listeners: [dualStack.listeners[1]] }, 'listen').slice(0, 2)).toEqual([
      '0.0.0.0:443 reuseport so_keepalive=60s:15s:4',
      '[::]:443 ipv6only=on reuseport so_keepalive=60s:15s:4',
    ]);
  });

  test('do not look at the bytes without routes', () => {
    expect(values(passthrough, 'proxy_pass')).toEqual(['gateway-80', 'gateway-443']);
    expect(renderNginx(passthrough)).not.toMatch(/ssl_preread on|map /);
  });

  test('send PROXY protocol where their gateways receive it', () => {
    const one = { ...proxyProtocol, upstreams: proxyProtocol.upstreams.map(up => ({ ...up, sendProxyProtocol: up.name === 'gateway-443' })) };
    expect(renderNginx(one)).toContain('    proxy_protocol on;\n    proxy_pass gateway-443;');
    expect(values(one, 'proxy_protocol')).toEqual(['on']);
    expect(values(passthrough, 'proxy_protocol')).toEqual([]);
  });
});

describe('routes', () => {
  test('each listener has a map of its own', () => {
    expect(values(sniRoutes, 'proxy_pass')).toEqual(['gateway-80', '$upstream_443', '$upstream_8443']);
    expect(values(sniRoutes, 'ssl_preread')).toEqual(['on', 'on']);
  });

  test('what matches nothing goes to the default upstream, or to one that has no server', () => {
    const routes = [{ serverName: 'a.example.com', upstream: 'gateway-443' }];
    expect(values(https({ routes }), 'default')).toEqual(['_no_route']);
    expect(renderNginx(https({ routes }))).toContain('upstream _no_route {\n    server 127.0.0.1:1 down;\n');
    expect(values(https({ routes, defaultUpstream: 'gateway-80' }), 'default')).toEqual(['gateway-80']);
    expect(renderNginx(https({ routes, defaultUpstream: 'gateway-80' }))).not.toContain('_no_route');
  });

  test.each(['default', 'include'])('a server that is named %s is a name, not a keyword', serverName => {
    const routes = [{ serverName, upstream: 'gateway-443' }];
    expect(renderNginx(https({ routes }))).toContain(`    "\\\\${serverName}" gateway-443;\n`);
  });
});

test('health is answered with the name and the ports, on loopback and on a socket of this process', () => {
  const text = renderNginx({ ...passthrough, name: 'my "front"', health: { address: '::1', port: 9, path: '/a b' } });
  expect(text).toContain('listen [::1]:9 ipv6only=on reuseport;\n    listen unix:/run/front/health.sock;');
  expect(text).toContain('location = "/a b" { return 200 "my \\"front\\" 80 443 9"; }');
});

test('nothing is written outside the run directory', () => {
  const text = renderNginx({ ...passthrough, runDirectory: '/elsewhere' });
  const paths = [...text.matchAll(/(?:_path|pid|listen unix:|_log) ?(\/\S+)/g)].map(match => match[1]);
  expect(paths.filter(path => !path.startsWith('/elsewhere/'))).toEqual(['/dev/stdout']);
  expect(paths).toHaveLength(8);
});
