// all options of expose() in both APIs, and a hand-written route
import { ApiObject, App, Chart, Duration } from 'cdk8s';
import { synthesize, TWO_NODES } from './synthesize';
import { deafPod } from '../edge/backends';
import { Example, HA_EDGE } from '../edge/examples';
import { ExposedHost, MeshEdge, MeshEdgeProps, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

/** One of its three pods never answers, so a request succeeds only if it is retried on another pod. */
export const FLAKY = 'flaky';

export const TIMEOUT_SECONDS = 1;

export function routesBy(api: RouteApi, through?: Through): Example {
  const objects = () => [...synthesize(chart => fill(chart, api, through?.props(chart))), deafPod(FLAKY, FLAKY)];
  const name = api === RouteApi.ISTIO ? 'Istio\'s API' : 'Gateway API';
  return { ...HA_EDGE, ...through?.client, name: through ? `${name}, ${through.name}` : name, objects };
}

/** A gateway besides the edge's own. */
export interface Through {
  readonly name: string;
  readonly props: (chart: Chart) => Partial<MeshEdgeProps>;
  readonly client: Partial<Example>;
}

function fill(chart: Chart, routeApi: RouteApi, props: Partial<MeshEdgeProps> = { preserveClientAddress: true }): void {
  const edge = new MeshEdge(chart, 'edge', {
    nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], createNamespace: true, routeApi, ...props,
  });
  edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' })
    .addPath('/api', { service: 'api', serviceNamespace: 'shop', port: 80 })
    .addPath('/api/v2/', { service: 'v2', serviceNamespace: 'next', port: 80 })
    .addPath('/hasty', { service: 'api', serviceNamespace: 'shop', port: 80, timeout: Duration.seconds(TIMEOUT_SECONDS) });
  edge.expose('blog.example.com', { service: 'blog', port: 80, tlsSecretName: 'shop-tls' });
  edge.expose('reports.example.com', { service: 'reports', serviceNamespace: 'shop', port: 80, tlsSecretName: 'reports-tls', httpsRedirect: false });
  edge.expose('*.partners.example.com', { service: 'partners', serviceNamespace: 'partners', port: 80, tlsSecretName: 'partners-tls' })
    .addPath('/deals', { service: 'api', serviceNamespace: 'shop', port: 80 });
  edge.expose('gold.partners.example.com', { service: 'gold', serviceNamespace: 'partners', port: 80, tlsSecretName: 'partners-tls' });
  edge.expose('plain.example.com', { service: 'plain', serviceNamespace: 'shop', port: 80 });
  edge.exposeTlsPassthrough('vault.example.com', { service: 'vault', serviceNamespace: 'vault', port: 8200 });
  const flaky = edge.expose('flaky.example.com', { service: FLAKY, serviceNamespace: FLAKY, port: 80 });
  if (routeApi === RouteApi.ISTIO) {
    retries(flaky);
    byHand(chart, 'own', edge.gateway.selector);
    // the selector of an edge with the same name in another namespace: it must not select this gateway
    byHand(chart, 'elsewhere', new MeshEdge(new Chart(new App(), 'edge', { namespace: 'elsewhere' }), 'edge', { nodes: TWO_NODES }).gateway.selector);
  } else {
    byHandWithGatewayApi(chart);
  }
}

/** The standard channel of Gateway API has none. */
function retries(host: ExposedHost): void {
  const flaky = { service: FLAKY, serviceNamespace: FLAKY, port: 80 };
  host.addPath('/often', { ...flaky, retries: { attempts: 5, perTryTimeout: Duration.seconds(2), retryOn: ['connect-failure', '503'] } });
  host.addPath('/never', { ...flaky, retries: { attempts: 0 } });
}

/** A hand-written route for what expose() does not cover. */
function byHand(chart: Chart, name: string, selector: MeshEdge['gateway']['selector']): void {
  const hosts = [`${name}.example.com`];
  new ApiObject(chart, `${name}-gateway`, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name },
    spec: { selector, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }] },
  });
  new ApiObject(chart, `${name}-routes`, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name },
    spec: { hosts, gateways: [name], http: [{ route: [{ destination: { host: 'own.shop.svc.cluster.local', port: { number: 80 } } }] }] },
  });
}

/** Its parent is the edge's own Gateway; its service is in the same namespace. */
function byHandWithGatewayApi(chart: Chart): void {
  new ApiObject(chart, 'own-route', {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'own' },
    spec: { parentRefs: [{ name: 'edge-http' }], hostnames: ['own.example.com'], rules: [{ backendRefs: [{ name: 'own', port: 80 }] }] },
  });
}
