// what lets a text of the user leave its place; the golden cases show where the lines go
import { proxy } from './golden/passthrough/model';
import { proxy as sniRoutes } from './golden/sni-routes/model';
import { proxy as snippets } from './golden/snippets/model';
import { vip } from './golden/vip-snippets/model';
import { checkEnvoy } from '../../src/engines/envoy/check';
import { renderEnvoy } from '../../src/engines/envoy/render';
import { checkHaproxy } from '../../src/engines/haproxy/check';
import { renderHaproxy } from '../../src/engines/haproxy/render';
import { renderKeepalived } from '../../src/engines/keepalived/render';
import { KEEPALIVED_PLACES } from '../../src/engines/keepalived/snippets';
import { checkNginx } from '../../src/engines/nginx/check';
import { renderNginx } from '../../src/engines/nginx/render';
import { checkSnippets } from '../../src/engines/snippets';
import type { Snippets } from '../../src/engines/snippets';
import type { Problem } from '../../src/validation/problem';

const CHECKS: { [engine: string]: (given: Snippets) => Problem[] } = {
  envoy: given => checkEnvoy({ ...proxy, snippets: given }),
  haproxy: given => checkHaproxy({ ...proxy, snippets: given }),
  nginx: given => checkNginx({ ...proxy, snippets: given }),
  keepalived: given => checkSnippets(KEEPALIVED_PLACES, given),
};

const PLACES: { [engine: string]: string[] } = {
  envoy: ['bootstrap', 'clusters', 'listener', 'listener_filters', 'network_filters', 'cluster'],
  haproxy: ['global', 'defaults', 'frontend', 'backend', 'sections'],
  nginx: ['main', 'events', 'stream', 'server'],
  keepalived: ['global_defs', 'vrrp_instance', 'sections'],
};

const of = (engine: string): Snippets => {
  const all = engine === 'keepalived' ? vip.snippets! : snippets.snippets!;
  return Object.fromEntries(PLACES[engine].map(place => [place, all[place]]));
};

describe.each(Object.keys(CHECKS))('%s', engine => {
  test('takes a text in each of its places', () => {
    expect(Object.values(of(engine)).every(text => text.length > 0)).toBe(true);
    expect(CHECKS[engine](of(engine))).toEqual([]);
  });
  test('fails for a place that it lacks, and names its own', () =>
    expect(CHECKS[engine]({ constructor: 'x' })).toMatchObject([{ code: 'snippet-place-unknown', got: 'constructor', fix: `expected ${PLACES[engine].join(', ')}` }]));
  test.each(PLACES[engine])('fails for an empty text in %s', place =>
    expect(CHECKS[engine]({ [place]: ' \n ' }).map(({ code }) => code)).toEqual(['text-blank']));
  test.each(PLACES[engine])('fails for no text in %s', place =>
    expect(CHECKS[engine]({ [place]: '' })).toMatchObject([{ code: 'snippet-invalid', what: expect.stringContaining('it is empty') }]));
  test.each(['\0', '\r', '\u2028', '\u0085', '\x1b'])('fails for the character %j', character =>
    expect(CHECKS[engine]({ [PLACES[engine][0]]: `a${character}b` })).toMatchObject([{ code: 'text-unprintable', what: expect.stringContaining(`configurationSnippets.${PLACES[engine][0]}`) }]));
});

describe('fails for a text that would change other lines', () => {
  test.each<[string, string, string, RegExp]>([
    ['haproxy', 'global', 'backend mine\n  server a 192.0.2.1:80', /backend begins a section/],
    ['haproxy', 'frontend', 'acl a src 192.0.2.1\n\tlisten other', /listen begins a section/],
    ['haproxy', 'frontend', '"backend" mine', /backend begins a section/],
    ['haproxy', 'global', "front'end' mine", /frontend begins a section/],
    ['haproxy', 'global', '\\x66rontend mine', /backslash/],
    ['haproxy', 'frontend', 'http-request set-header a "b\nmode tcp', /quote is not closed/],
    ['haproxy', 'sections', "ring a\n  description 'b", /quote is not closed/],
    ['haproxy', 'defaults', 'timeout queue 5s \\', /backslash/],
    ['haproxy', 'sections', 'ring a\n  size 100 \\\n', /backslash/],
    ['haproxy', 'sections', '# mine\ntimeout queue 5s', /does not begin with the name of a section/],
    ['haproxy', 'backend', '.if defined(A)\ntimeout check 1s', /dot/],
    ['nginx', 'server', 'deny all', /semicolon/],
    ['nginx', 'server', 'deny all # ;', /semicolon/],
    ['nginx', 'server', 'deny all;\n# } }\n}\nserver {\nlisten 1;', /did not open/],
    ['nginx', 'stream', 'map $a $b { default 1;', /not closed/],
    ['nginx', 'stream', 'log_format a "\n;', /quote is not closed/],
    ['nginx', 'main', "env 'A;", /quote is not closed/],
    ['keepalived', 'vrrp_instance', '}\nvrrp_instance other {', /did not open/],
    ['keepalived', 'global_defs', 'notification_email {', /not closed/],
    ['keepalived', 'sections', 'static_rules { ! }', /not closed/],
    ['keepalived', 'global_defs', 'router_id "a', /quote is not closed/],
    ['envoy', 'bootstrap', ' stats_flush_interval: 1s', /not a field/],
    ['envoy', 'bootstrap', 'stats_flush_interval: 1s\n---\nadmin: {}', /not a field/],
    ['envoy', 'bootstrap', '- a: 1', /not a field/],
    ['envoy', 'bootstrap', '"admin": {}', /not a field/],
    ['envoy', 'listener', 'enableReusePort: false', /not a field/],
    ['envoy', 'listener', 'metadata:\n\ta: 1', /tab/],
    ['envoy', 'clusters', 'name: a', /dash/],
    ['envoy', 'clusters', '# mine\n  - name: a', /dash/],
    ['envoy', 'network_filters', '- name: a\nfilter_chains: []', /dash/],
  ])('%s, %s: %j', (engine, place, text, fault) => {
    expect(CHECKS[engine]({ [place]: text })).toMatchObject([{ code: 'snippet-invalid', got: text, what: expect.stringMatching(fault) }]);
  });

  test.each([
    ['bootstrap', 'static_resources: {}'], ['bootstrap', 'stats_flush_interval: 1s\nstats_flush_interval: 2s'], ['listener', 'enable_reuse_port: false'],
    ['cluster', 'load_assignment:\n  cluster_name: a'],
  ])('envoy, %s: a field that is there already: %j', (place, text) => {
    const field = text.split(':')[0];
    expect(CHECKS.envoy({ [place]: text })).toMatchObject([{ code: 'snippet-field-taken', got: field, what: expect.stringContaining(place) }]);
  });
});

test.each([
  ['nginx', 'stream', 'map $a $b { "~^a{2}}" 1; default \'}\'; } # }'], ['nginx', 'stream', 'log_format a "${status}} {";'], ['nginx', 'main', 'env A=\\};'], ['nginx', 'main', 'env A=it\'s;'],
  ['keepalived', 'global_defs', 'router_id "a}" # {'], ['envoy', 'listener', 'metadata:\n  filter_metadata:\n    - - }'],
])('%s, %s: quotes, comments and escapes are no blocks: %j', (engine, place, text) => expect(CHECKS[engine]({ [place]: text })).toEqual([]));

test.each([
  ['a blank first line', '  \nstats_flush_interval: 1s'], ['a comment that is indented', '  # mine\nstats_flush_interval: 1s'],
  ['a comment behind a field', 'node: # mine\n  id: a'], ['a tab inside a text', 'node:\n  id: "a\tb"'], ['a comment twice', '# mine\nflags_path: /a\n# mine\nheader_prefix: b'],
])('envoy: %s is no fault', (_, text) => expect(CHECKS.envoy({ bootstrap: text })).toEqual([]));

test('fails for a field that only one of several listeners has', () =>
  expect(checkEnvoy({ ...sniRoutes, snippets: { listener: 'listener_filters_timeout: 1s' } })).toMatchObject([{ code: 'snippet-field-taken', got: 'listener_filters_timeout' }]));

const RENDERERS: { [engine: string]: (given: Snippets) => string } = {
  envoy: given => renderEnvoy({ ...proxy, snippets: given }),
  haproxy: given => renderHaproxy({ ...proxy, snippets: given }),
  nginx: given => renderNginx({ ...proxy, snippets: given }),
  keepalived: given => renderKeepalived({ ...vip, snippets: given }),
};
test.each(Object.keys(RENDERERS).flatMap(engine => PLACES[engine].map(place => [engine, place])))('%s: the lines of %s are in the configuration, and no others', (engine, place) => {
  const added = of(engine)[place].split('\n').map(line => line.trim()).filter(line => line !== '');
  const without = RENDERERS[engine]({}).split('\n').map(line => line.trim());
  const lines = RENDERERS[engine]({ [place]: of(engine)[place] }).split('\n').map(line => line.trim());
  added.forEach(line => expect(lines).toContain(line));
  without.forEach(line => expect(lines).toContain(line));
});

test.each(Object.keys(RENDERERS))('%s: blank lines round a text are left out, and one inside it has no spaces', engine => {
  const place = PLACES[engine].at(-1)!;
  const [first, second] = engine === 'envoy' ? ['max_requests_per_connection: 1', 'alt_stat_name: a'] : ['first;', 'second;'];
  const text = RENDERERS[engine]({ [place]: `${first}\n\n${second}` });
  expect(RENDERERS[engine]({ [place]: `\n\n\n${first}\n\n${second} \n\n` })).toBe(text);
  expect(text).toMatch(new RegExp(`${first}\n\n *${second}\n`));
  expect(text).not.toMatch(/ $/m);
});
test.each(Object.keys(RENDERERS))('%s: without snippets nothing is added, and the text ends with one newline', engine => {
  const plain: { [name: string]: () => string } = {
    envoy: () => renderEnvoy(proxy), haproxy: () => renderHaproxy(proxy), nginx: () => renderNginx(proxy),
    keepalived: () => renderKeepalived({ ...vip, snippets: undefined }),
  };
  expect(RENDERERS[engine]({})).toBe(plain[engine]());
  expect(RENDERERS[engine]({})).toMatch(/\S\n$/);
});
