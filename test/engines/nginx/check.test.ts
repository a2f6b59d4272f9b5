// what nginx cannot do is said, not done by half
import { checkNginx } from '../../../src/engines/nginx/check';
import type { ProxyModel } from '../../../src/engines/proxy-model';
import { describeProblem } from '../../../src/validation/problem';
import { proxy as sniRoutes } from '../golden/sni-routes/model';

const messages = (model: ProxyModel) => checkNginx(model).map(problem => describeProblem(problem));

test('a model that nginx can express has no problem', () => {
  expect(messages(sniRoutes)).toEqual([]);
});

test('fails when gateways of one listener differ in PROXY protocol', () => {
  const upstreams = sniRoutes.upstreams.map(upstream => ({ ...upstream, sendProxyProtocol: upstream.name === 'shop-443' }));
  const says = (listener: string) => `nginx-mixed-proxy-protocol: listener "${listener}" has gateways with and without PROXY protocol; `
    + 'nginx sends it to all gateways of a listener, or to none: use one listener for each gateway, or use Envoy or HAProxy';
  expect(messages({ ...sniRoutes, upstreams })).toEqual([says('https'), says('tcp-8443')]);
});

test('fails when a worker would have to count further than it can', () => {
  expect(messages({ ...sniRoutes, maxConnections: 131_071 })).toEqual([
    'nginx-connections-per-worker: maxConnections is more than the nginx workers can track, got 131071; '
    + 'each worker can track 65535: lower maxConnections, or use more than 2 workers (concurrency)',
  ]);
  expect(messages({ ...sniRoutes, maxConnections: 131_070 })).toEqual([]);
});
