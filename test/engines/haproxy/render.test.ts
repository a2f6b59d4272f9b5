import { checkHaproxy } from '../../../src/engines/haproxy/check';
import { renderHaproxy } from '../../../src/engines/haproxy/render';
import type { ProxyModel, ProxyRoute, ProxyUpstream } from '../../../src/engines/proxy-model';
import { proxy as dualStack } from '../golden/dual-stack/model';
import { proxy as passthrough } from '../golden/passthrough/model';
import { proxy as podsAndProxyProtocol } from '../golden/pods-proxy-protocol/model';
import { proxy as sniRoutes } from '../golden/sni-routes/model';

/** Lines of a section without indentation and comments. */
function section(model: ProxyModel, header: string): string[] {
  const lines = renderHaproxy(model).split('\n');
  const rest = lines.slice(lines.indexOf(header) + 1);
  return rest.slice(0, rest.findIndex(line => /^[a-z]/.test(line))).map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'));
}

const traffic = (model: ProxyModel) => section(model, 'frontend traffic');
const global = (model: ProxyModel) => section(model, 'global');

describe('limits', () => {
  test('are shared by all listeners, and not by the health endpoint', () => {
    expect(traffic(passthrough)).toContain('tcp-request connection reject if { fe_conn gt 30000 }');
    expect(section(passthrough, 'frontend health').join()).not.toMatch(/maxconn|reject/);
  });

  test('of one client are counted in a table with a place for each connection, and only where there is one', () => {
    expect(traffic({ ...passthrough, maxConnectionsPerClient: 100 }).join('\n')).toContain([
      'stick-table type ipv6 size 30000 expire 10s store conn_cur',
      'tcp-request connection track-sc0 src,ipmask(32,64)',
      'tcp-request content reject if { sc0_conn_cur gt 100 }',
    ].join('\n'));
    expect(traffic(passthrough).join()).not.toMatch(/stick-table|track-sc0|sc0_/);
  });

  test('leave the total to the descriptors there are: HAProxy does not start when it is promised more', () => {
    expect(renderHaproxy(passthrough)).not.toMatch(/maxconn \d|ulimit-n|strict-limits/);
    expect(global(passthrough)).toContain('fd-hard-limit 65536');
  });

  test('leave descriptors for health and checks when traffic could take all', () => {
    expect(global({ ...passthrough, maxConnections: 32_768 })).toContain('fd-hard-limit 66048');
    expect(global({ ...podsAndProxyProtocol, maxConnections: 32_768 })).toContain('fd-hard-limit 66112');
    const withMorePods = (upstream: ProxyUpstream) => ({ ...upstream, pods: upstream.pods && { ...upstream.pods, maxPods: 300 } }) as ProxyUpstream;
    const upstreams = podsAndProxyProtocol.upstreams.map(withMorePods);
    expect(global({ ...podsAndProxyProtocol, upstreams, maxConnections: 32_768 })).toContain('fd-hard-limit 66648');
  });

  test('hold no buffers back: health would wait behind clients that do not read', () => {
    expect(global(podsAndProxyProtocol).join()).not.toContain('tune.buffers');
  });
});

test('takes more connections in one go than HAProxy would by itself', () => {
  expect(global(passthrough)).toContain('tune.maxaccept 16');
});

test('keeps what it is: no other user, no jail, no background', () => {
  expect(renderHaproxy(passthrough)).not.toMatch(/^\s*(user|group|gid|chroot|daemon|master-worker|stats) /m);
});

test('tries in all as often as the model says, each time elsewhere', () => {
  expect(section(passthrough, 'defaults')).toEqual(expect.arrayContaining(['timeout connect 250ms', 'retries 2', 'option redispatch 1']));
  expect(section({ ...passthrough, maxConnectAttempts: 1 }, 'defaults')).toContain('retries 0');
});

test('keeps connections alive on both sides', () => {
  expect(section(passthrough, 'defaults').filter(line => line.includes('tcpka'))).toEqual(['cli', 'srv'].flatMap(side => [
    `option ${side}tcpka`, `${side}tcpka-idle 60s`, `${side}tcpka-intvl 15s`, `${side}tcpka-cnt 4`,
  ]));
});

test('logs what failed, and the rest where it is asked to', () => {
  const log = (model: ProxyModel) => traffic(model).filter(line => line.includes('log')).map(line => line.split(' ').slice(0, 2).join(' '));
  expect(log(passthrough)).toEqual(['log stdout', 'log-format "%t']);
  expect(log({ ...passthrough, logsSuccess: false })).toEqual(['log stdout', 'option dontlog-normal', 'log-format "%t']);
});

test('binds every address of a listener', () => {
  expect(traffic(dualStack).filter(line => line.startsWith('bind'))).toEqual([
    'bind 0.0.0.0:80 name http', 'bind [::]:80 v6only name http', 'bind 0.0.0.0:443 name https', 'bind [::]:443 v6only name https',
  ]);
});

describe('routes', () => {
  const routes = (...list: ProxyRoute[]) => traffic({ ...sniRoutes, listeners: [{ ...sniRoutes.listeners[1], routes: list }] })
    .filter(line => line.startsWith('use_backend')).map(line => line.split(' { ')[2]);

  test('go from exact over long to short wildcards, whatever the order of the model', () => {
    const to = (serverName: string) => ({ serverName, upstream: 'gateway-443' });
    expect(routes(to('*.a.example'), to('z.example'), to('*.b.a.example'), to('*.example'), to('x.b.a.example'))).toEqual([
      'req.ssl_sni -i z.example }',
      'req.ssl_sni -i x.b.a.example }',
      'req.ssl_sni -i -m end .b.a.example }',
      'req.ssl_sni -i -m end .a.example }',
      'req.ssl_sni -i -m end .example }',
    ]);
  });

  test('make only their own listeners wait for bytes', () => {
    expect(traffic(sniRoutes)).toContain('tcp-request content accept unless { so_name https tcp-8443 }');
    expect(traffic(passthrough).join()).not.toMatch(/inspect-delay|sni/);
  });

  test('come before the default; without one, a connection that none matches has no backend', () => {
    const backends = traffic(sniRoutes).filter(line => line.startsWith('use_backend'));
    expect(backends.slice(-2)).toEqual([
      'use_backend shop-443 if { so_name tcp-8443 } { req.ssl_sni -i admin.example.com }', 'use_backend gateway-443 if { so_name tcp-8443 }',
    ]);
    expect(backends).not.toContain('use_backend gateway-443 if { so_name https }');
    expect(renderHaproxy(sniRoutes)).not.toContain('default_backend');
  });
});

describe('upstreams', () => {
  const BY_NAME = 'resolvers cluster resolve-prefer ipv4 init-addr none';

  test('are pods with a check of their own, and the Service when no pod passes it', () => {
    expect(section(podsAndProxyProtocol, 'backend gateway-443').filter(line => line.startsWith('server'))).toEqual([
      `server-template pod 1-32 gateway-pods.istio-ingress.svc.cluster.local:8443 ${BY_NAME} send-proxy-v2 check port 15021 inter 2s fall 2 rise 1`,
      `server service gateway.istio-ingress.svc.cluster.local:443 ${BY_NAME} send-proxy-v2 backup`,
    ]);
  });

  test('are the Service alone where no pods are known', () => {
    expect(section(passthrough, 'backend gateway-443').filter(line => line.startsWith('server'))).toEqual([
      `server service gateway.istio-ingress.svc.cluster.local:443 ${BY_NAME}`,
    ]);
  });

  test('are asked in HTTP/1.1, without PROXY protocol', () => {
    expect(section(podsAndProxyProtocol, 'backend gateway-443')).toContain(
      'http-check send meth GET uri /healthz/ready ver HTTP/1.1 hdr Host gateway-pods.istio-ingress.svc.cluster.local');
    expect(renderHaproxy(podsAndProxyProtocol)).not.toContain('check-send-proxy');
  });

  test('keep their addresses for a day without DNS, whatever is wrong with it', () => {
    expect(renderHaproxy(passthrough).match(/^ {2}hold .*$/gm)).toEqual(['nx', 'other', 'refused', 'timeout'].map(status => `  hold ${status} 24h`));
  });
});

test('no value of the model gets out of its place', () => {
  const evil = '}\n  bind :1 #"\'$HOME ';
  const text = renderHaproxy({
    ...sniRoutes,
    name: evil,
    runDirectory: evil,
    health: { ...sniRoutes.health, path: evil },
    listeners: [{ name: evil, addresses: ['0.0.0.0'], port: 443, routes: [{ serverName: evil, upstream: evil }], defaultUpstream: evil }],
    upstreams: [{
      name: evil, sendProxyProtocol: true, service: { host: evil, port: 1 }, pods: { host: evil, port: 1, health: { port: 1, path: evil } },
    }],
  });
  expect(text.match(/^\s*bind .*$/gm)).toEqual([
    '  bind 127.0.0.1:340', expect.stringMatching(/^ {2}bind "unix@/), expect.stringMatching(/^ {2}bind 0\.0\.0\.0:443 name "/),
  ]);
});

test('fails for more threads than one group has', () => {
  expect(checkHaproxy({ ...passthrough, concurrency: 64 })).toEqual([]);
  expect(checkHaproxy({ ...passthrough, concurrency: 65 })).toEqual([expect.objectContaining({ code: 'haproxy-concurrency', got: 65 })]);
});
