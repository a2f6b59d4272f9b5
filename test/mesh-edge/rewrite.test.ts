// paths whose prefix is replaced before the service gets the request
import { Duration } from 'cdk8s';
import { chartOf, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { MeshEdge, RouteApi } from '../../src';
import type { ExposeOptions } from '../../src';

const API: ExposeOptions = { service: 'api', port: 80 };

function routesOf(routeApi: RouteApi, then: (edge: MeshEdge) => void): Manifest {
  const chart = chartOf();
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, routeApi }));
  return only(synth(chart), routeApi === RouteApi.ISTIO ? 'VirtualService' : 'HTTPRoute').spec;
}

describe('with Istio\'s API', () => {
  /** What Istio sends for a path: it takes the first route that matches, and replaces what has matched. */
  const sent = (http: Manifest[], path: string) => {
    const uriOf = (route: Manifest) => route.match.map(({ uri }: Manifest) => uri)
      .find(({ exact, prefix }: Manifest) => exact === path || (prefix && path.startsWith(prefix)));
    const route = http.find(uriOf)!;
    const { exact, prefix } = uriOf(route);
    return route.rewrite === undefined ? path : `${route.rewrite.uri}${path.slice((exact ?? prefix).length)}`;
  };

  test.each<[string, string, { [path: string]: string }]>([
    ['/api', '/', { '/api': '/', '/api/': '/', '/api/cart': '/cart', '/apiary': '/apiary' }],
    ['/api', '/v1', { '/api': '/v1', '/api/': '/v1/', '/api/cart': '/v1/cart' }],
    ['/api/', '/v1/', { '/api': '/v1', '/api/cart': '/v1/cart' }],
    ['/', '/v1', { '/': '/v1/', '/cart': '/v1/cart' }],
  ])('%s becomes %s', (pathPrefix, rewritePrefix, expected) => {
    const { http } = routesOf(RouteApi.ISTIO, edge => {
      const host = edge.expose('a.example', { ...API, pathPrefix, rewritePrefix });
      if (pathPrefix !== '/') host.addPath('/', API);
    });
    expect(Object.fromEntries(Object.keys(expected).map(path => [path, sent(http, path)]))).toEqual(expected);
  });

  test('timeout and retries belong to both routes of the path', () => {
    const { http } = routesOf(RouteApi.ISTIO, edge => {
      edge.expose('a.example', { ...API, pathPrefix: '/api', rewritePrefix: '/', timeout: Duration.seconds(3), retries: { attempts: 0 } });
    });
    expect(http.map(({ timeout, retries }: Manifest) => [timeout, retries.attempts])).toEqual([['3s', 0], ['3s', 0]]);
  });
});

test.each([['/', '/'], ['/v1/', '/v1']])('with Gateway API a filter replaces the prefix by %s', (rewritePrefix, written) => {
  const { rules } = routesOf(RouteApi.GATEWAY_API, edge => {
    edge.expose('a.example', API).addPath('/api/', { ...API, rewritePrefix });
  });
  expect(rules[0]).toMatchObject({
    matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
    filters: [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: written } } }],
  });
  expect(rules[1].filters).toBeUndefined();
});

test.each<[string, RouteApi, Partial<ExposeOptions>, string]>([
  ['a rewrite without slash', RouteApi.ISTIO, { pathPrefix: '/api', rewritePrefix: 'v1' }, 'path-invalid: rewritePrefix is not a path, got "v1"'],
  ['a rewrite with a query', RouteApi.ISTIO, { pathPrefix: '/api', rewritePrefix: '/v1?a' }, 'path-invalid: rewritePrefix'],
  ['a rewrite to the same path', RouteApi.ISTIO, { pathPrefix: '/api', rewritePrefix: '/api/' }, 'option-unused: rewritePrefix is the same as pathPrefix'],
  ['a prefix before all paths with Gateway API', RouteApi.GATEWAY_API, { rewritePrefix: '/v1' },
    'option-unsupported: with Gateway API, Istio cannot put rewritePrefix before all paths of a host, got "/v1"; use RouteApi.ISTIO'],
])('fails for %s', (_, routeApi, options, expected) =>
  expect(messageOf(() => routesOf(routeApi, edge => edge.expose('a.example', { ...API, ...options })))).toContain(`[edge/edge] ${expected}`));

test('fails once for a rewrite of all paths to themselves with Gateway API', () =>
  expect(messageOf(() => routesOf(RouteApi.GATEWAY_API, edge => edge.expose('a.example', { ...API, rewritePrefix: '/' })))).toMatch(/^\[edge\/edge\] option-unused: .*$/));
