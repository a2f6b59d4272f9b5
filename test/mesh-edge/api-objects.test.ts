// the objects that expose() writes: their names and construct paths are API
import { JsonPatch } from 'cdk8s';
import type { ApiObject } from 'cdk8s';
import { chartOf, TWO_NODES } from '../../sandbox/synth';
import { MeshEdge, RouteApi } from '../../src';
import type { ExposeOptions } from '../../src';

const SHOP: ExposeOptions = { service: 'shop', serviceNamespace: 'shop', port: 8080 };
const TLS = { ...SHOP, tlsSecretName: 'shop-tls' };

const edgeWith = (routeApi: RouteApi) => new MeshEdge(chartOf(), 'edge', { nodes: TWO_NODES, routeApi });
const listOf = ({ apiObjects }: { readonly apiObjects: ApiObject[] }) => apiObjects.map(({ kind, name, node }) => `${kind} ${name} ${node.path}`);

describe('with Istio\'s API', () => {
  test('a host has its Gateway and its VirtualService', () =>
    expect(listOf(edgeWith(RouteApi.ISTIO).expose('shop.example.com', TLS))).toEqual([
      'Gateway edge-tls-shop-tls edge/edge/gateway-tls-shop-tls/Gateway',
      'VirtualService edge-shop-example-com edge/edge/expose-shop-example-com/VirtualService',
    ]));

  test('hosts share a Gateway', () => {
    const edge = edgeWith(RouteApi.ISTIO);
    const [one, other] = ['one.example.com', 'other.example.com'].map(host => edge.expose(host, SHOP).apiObjects);
    expect(other[0]).toBe(one[0]);
    expect(other[1]).not.toBe(one[1]);
  });

  test('a passthrough host has both too', () =>
    expect(listOf(edgeWith(RouteApi.ISTIO).exposeTlsPassthrough('*.vault-a.example.com', { service: 'vault', port: 8200 }))).toEqual([
      'Gateway edge-passthrough edge/edge/gateway-passthrough/Gateway',
      'VirtualService edge-wildcard---vault--a-example-com edge/edge/expose-wildcard---vault--a-example-com/VirtualService',
    ]));

  test('a path adds the object that it needs', () => {
    const host = edgeWith(RouteApi.ISTIO).expose('shop.example.com', SHOP);
    const tls = { service: 'api', serviceNamespace: 'shop', port: 8443, backendTls: { serverName: 'api.shop.svc' } };
    expect(host.addPath('/api', tls).addPath('/v2', tls).apiObjects.map(({ kind }) => kind)).toEqual(['Gateway', 'VirtualService', 'DestinationRule']);
  });

  test('can be patched', () => {
    const host = edgeWith(RouteApi.ISTIO).expose('shop.example.com', SHOP);
    const virtualService = host.apiObjects.find(({ kind }) => kind === 'VirtualService')!;
    virtualService.addJsonPatch(JsonPatch.add('/spec/http/0/corsPolicy', { allowMethods: ['GET'] }));
    expect(virtualService.toJson().spec.http[0]).toMatchObject({ corsPolicy: { allowMethods: ['GET'] }, match: [{ uri: { prefix: '/' } }] });
  });
});

describe('with Gateway API', () => {
  test('a host has its Gateways, its routes and its grant', () =>
    expect(listOf(edgeWith(RouteApi.GATEWAY_API).expose('shop.example.com', TLS))).toEqual([
      'Gateway edge-tls-shop-tls edge/edge/gateway-tls-shop-tls/Gateway',
      'HTTPRoute edge-shop-example-com edge/edge/expose-shop-example-com/HTTPRoute',
      'Gateway edge-http edge/edge/gateway-http/Gateway',
      'HTTPRoute edge-shop-example-com---redirect edge/edge/expose-shop-example-com/Redirect',
      'ReferenceGrant istio-ingress.edge.shop.shop edge/edge/grant-shop.shop/ReferenceGrant',
    ]));

  test('a passthrough host has a TLSRoute', () =>
    expect(listOf(edgeWith(RouteApi.GATEWAY_API).exposeTlsPassthrough('vault.example.com', { service: 'vault', port: 8200, httpsRedirect: false }))).toEqual([
      'Gateway edge-passthrough edge/edge/gateway-passthrough/Gateway',
      'TLSRoute edge-vault-example-com edge/edge/expose-vault-example-com/TLSRoute',
    ]));

  test('a path adds its grant, once', () => {
    const host = edgeWith(RouteApi.GATEWAY_API).expose('shop.example.com', SHOP);
    const api = { service: 'api', serviceNamespace: 'shop', port: 80 };
    expect(host.addPath('/api', api).addPath('/v2', api).apiObjects.map(({ kind }) => kind)).toEqual(['Gateway', 'HTTPRoute', 'ReferenceGrant', 'ReferenceGrant']);
  });
});
