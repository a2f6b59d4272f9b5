// the sections of haproxy.cfg: which backend takes a connection, what is logged, and who may read metrics
import { checkHaproxy } from '../../../src/engines/haproxy/check';
import { haproxyProcess } from '../../../src/engines/haproxy/process';
import { renderHaproxy } from '../../../src/engines/haproxy/render';
import type { ProxyModel } from '../../../src/engines/proxy-model';
import { proxy as dualStack } from '../golden/dual-stack/model';
import { proxy as entries } from '../golden/entries/model';
import { proxy as localGateway } from '../golden/local-gateway/model';
import { proxy as metrics } from '../golden/metrics/model';
import { proxy as passthrough } from '../golden/passthrough/model';
import { proxy as pods } from '../golden/pods-proxy-protocol/model';
import { proxy as sniRoutes } from '../golden/sni-routes/model';
import { proxy as snippets } from '../golden/snippets/model';

/** Headers of sections, each with its lines without indentation and comments. */
function sections(model: ProxyModel): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of renderHaproxy(model).split('\n').filter(text => text.trim() !== '' && !text.trim().startsWith('#'))) {
    if (line.startsWith(' ')) {
      lines.push(line.trim());
    } else {
      lines = [];
      found.set(line, lines);
    }
  }
  return found;
}
const section = (model: ProxyModel, header: string) => sections(model).get(header);
const backends = (model: ProxyModel) => section(model, 'frontend traffic')!.filter(line => line.startsWith('use_backend'));

test('the text begins with where it comes from', () => expect(renderHaproxy(passthrough)).toMatch(/^# Written by cdk8s-istio-edge\. Change the construct/));
test('connections are TCP, and the process has the user that can bind low ports', () => {
  expect(section(passthrough, 'defaults')![0]).toBe('mode tcp');
  expect(section(passthrough, 'global')).toEqual(expect.arrayContaining(['uid 0', 'nbthread 2']));
});
test('a silent connection ends after the idle time on each side, and a client that does not close after 30 s', () =>
  expect(section({ ...passthrough, idleTimeoutMs: 90_000 }, 'defaults')).toEqual(expect.arrayContaining([
    'timeout client 90s', 'timeout server 90s', 'timeout tunnel 90s', 'timeout client-fin 30s',
  ])));

describe('the addresses of an entry', () => {
  test('are told apart by where a connection goes to', () =>
    expect(section(entries, 'frontend traffic')!.filter(line => line.startsWith('acl'))).toEqual([
      'acl to-inside dst 192.0.2.101 2001:db8::101 192.0.2.102', 'acl to-mail dst 192.0.2.103',
    ]));
  test('come before routes and defaults, and a port that an address lacks is closed', () =>
    expect(backends(entries)).toEqual([
      'use_backend internal-80 if { so_name http } to-inside', 'use_backend _closed if { so_name http } to-mail', 'use_backend gateway-80 if { so_name http }',
      'use_backend internal-443 if { so_name https } to-inside', 'use_backend mail-443 if { so_name https } to-mail',
      'use_backend gateway-80 if { so_name https } { req.ssl_sni -i shop.example.com }', 'use_backend gateway-443 if { so_name https }',
      'use_backend _closed if { so_name tcp-22 } to-inside', 'use_backend _closed if { so_name tcp-22 } to-mail', 'use_backend gateway-443 if { so_name tcp-22 }',
      'use_backend internal-8443 if { so_name tcp-8443 } to-inside', 'use_backend _closed if { so_name tcp-8443 } to-mail',
    ]));
  test('need the backend without a server only if a port is missing', () => {
    expect(section(entries, 'backend _closed')).toEqual([]);
    const [http] = entries.listeners;
    const [inside] = entries.entries!;
    expect(section({ ...entries, listeners: [http], entries: [inside] }, 'backend _closed')).toBeUndefined();
    expect(section(passthrough, 'backend _closed')).toBeUndefined();
  });
});

test('routes of equal rank stay in the order of the model', () => {
  const routes = ['b', 'a', 'c'].map(name => ({ serverName: `${name}.example`, upstream: 'gateway-443' }));
  const names = backends({ ...sniRoutes, listeners: [{ ...sniRoutes.listeners[1], routes }] }).map(line => /-i (\w)\.example/.exec(line)?.[1]);
  expect(names.filter(name => name !== undefined)).toEqual(['b', 'a', 'c']);
});

describe('metrics', () => {
  const lines = () => section(metrics, 'frontend metrics')!;

  test('have a port on every address, only if there are any', () => {
    expect(lines().filter(line => line.startsWith('bind'))).toEqual(['bind 0.0.0.0:341', 'bind [::]:341 v6only']);
    expect(section(dualStack, 'frontend metrics')).toBeUndefined();
  });
  test('are for the readers alone, and not at a virtual address', () => {
    expect(lines().filter(line => line.startsWith('acl'))).toEqual([
      ...metrics.metrics!.readers.map(cidr => `acl reader src ${cidr}`), 'acl virtual dst 192.0.2.100', 'acl virtual dst 2001:db8::100',
    ]);
    expect(lines()).toContain('tcp-request connection reject if !reader || virtual');
    expect(section({ ...metrics, metrics: { ...metrics.metrics!, refusedAt: [] } }, 'frontend metrics')).toContain('tcp-request connection reject unless reader');
  });
  test('are one page of HAProxy\'s exporter, which can only be read', () => {
    expect(lines()[0]).toBe('mode http');
    expect(lines().slice(-3)).toEqual([
      'http-request return status 404 unless { method GET } { path /metrics }', 'http-request set-query no-maint', 'http-request use-service prometheus-exporter',
    ]);
  });
  test('let Prometheus go to the new process, and do not wait for a reader that says nothing', () =>
    expect(lines()).toEqual(expect.arrayContaining(['option httpclose', 'timeout client 10s'])));
});

describe('health', () => {
  test('is one page, on the port and on a socket for the pod alone', () =>
    expect(section({ ...passthrough, runDirectory: '/elsewhere' }, 'frontend health')).toEqual([
      'mode http', 'bind 127.0.0.1:340', 'bind unix@/elsewhere/health.sock mode 600', 'timeout client 5s',
      'http-request return status 200 content-type text/plain string "edge-front 80 443 340" if { path /healthz }', 'http-request return status 404',
    ]));
});

describe('upstreams', () => {
  test('can be the gateway of this node, which needs no DNS', () => {
    expect(section(localGateway, 'backend gateway-443')).toEqual(['server local 127.0.0.1:10443 send-proxy-v2']);
    const [upstream] = localGateway.upstreams;
    expect(section({ ...localGateway, upstreams: [{ ...upstream, sendProxyProtocol: false }] }, 'backend gateway-80')).toEqual(['server local 127.0.0.1:10080']);
    expect(section(localGateway, 'resolvers cluster')).toBeUndefined();
  });
  test('of one gateway on this node and one in the cluster still ask DNS', () =>
    expect(section({ ...localGateway, upstreams: [localGateway.upstreams[0], passthrough.upstreams[1]] }, 'resolvers cluster')).toBeDefined());
  test('are waited for when HAProxy starts, for a second', () => {
    const lines = section(passthrough, 'backend gateway-443');
    expect(lines).toEqual(expect.arrayContaining(['tcp-request inspect-delay 1s', 'tcp-request content accept if { nbsrv gt 0 } || WAIT_END']));
  });
  test('get turns, and are healthy with 200 alone', () =>
    expect(section(pods, 'backend gateway-443')).toEqual(expect.arrayContaining(['balance roundrobin', 'option httpchk', 'http-check expect status 200'])));
  test('are asked for from the name servers of the node, in one large answer', () =>
    expect(section(passthrough, 'resolvers cluster')!.slice(0, 2)).toEqual(['parse-resolv-conf', 'accepted_payload_size 8192']));
});

describe('the log', () => {
  const format = (model: ProxyModel) => section(model, 'frontend traffic')!.find(line => line.startsWith('log-format'))!;

  test('is plain lines on stdout', () => expect(section(passthrough, 'frontend traffic')).toContain('log stdout format raw local0'));
  test('says when, from where, which listener and upstream, how it ended, how long and how much', () => {
    for (const field of ['%t', '%ci:%cp', '%[so_name]', '%b/%s', '%si:%sp', '%ts', '%rc', '%Tc', '%Tt', '%U', '%B']) {
      expect(format(passthrough)).toContain(field);
    }
  });
  test('has the server name, encoded, only if listeners read it', () => {
    expect(format(sniRoutes)).toContain(' sni=%[capture.req.hdr(0),url_enc] ');
    expect(format(passthrough)).not.toContain('sni');
    expect(format(passthrough).split(' ').slice(1).filter(word => !word.includes('%'))).toEqual([]);
    expect(section(sniRoutes, 'frontend traffic')).toContain('tcp-request content capture req.ssl_sni len 253 if { req.ssl_hello_type 1 }');
  });
});

test('the server name is waited for as long as the model says', () =>
  expect(section({ ...sniRoutes, clientHelloTimeoutMs: 7_000 }, 'frontend traffic')).toContain('tcp-request inspect-delay 7s'));

test('lines of the user come last in the file, in sections of their own', () => {
  expect([...sections(snippets).keys()].pop()).toBe(snippets.snippets!.sections.split('\n').find(line => /^[a-z]/.test(line)));
  expect(section(passthrough, '')).toBeUndefined();
});
test.each([['acme'], ['cache'], ['crt-store'], ['fcgi-app'], ['http-errors'], ['log-forward'], ['log-profile'], ['mailers'], ['peers'], ['program'], ['resolvers'], ['ring'], ['traces'], ['userlist']])(
  'a section %s of the user belongs to the end, and nowhere else', keyword => {
    const check = (place: string, text: string) => checkHaproxy({ ...passthrough, snippets: { [place]: text } }).map(({ code }) => code);
    expect(check('sections', `${keyword} mine\n  # nothing`)).toEqual([]);
    expect(check('global', `${keyword} mine`)).toEqual(['snippet-invalid']);
  });

test.each(['\n# mine\n\nring mine\n  size 1', '#mine\nring mine', '   \nring mine', '# ring\nring mine'])('blank lines and comments before a section are no fault: %j', text =>
  expect(checkHaproxy({ ...passthrough, snippets: { sections: text } })).toEqual([]));
test('a comment about a section begins none', () =>
  expect(checkHaproxy({ ...passthrough, snippets: { frontend: '# backend\n#.if\nacl a src 192.0.2.1' } })).toEqual([]));

test('liveness asks whether this process answers', () =>
  expect(haproxyProcess(passthrough, { lameDuckSeconds: 3, drainSeconds: 30 }).liveness.slice(0, 2)).toEqual(['perl', '/etc/front-alive.pl']));
