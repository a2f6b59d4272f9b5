// the example cert-manager with the lab's ACME server, and the same with Istio's API; and hosts with TLS to the service, a rewritten path,
// and certificates of clients
import { readFileSync } from 'node:fs';
import { ApiObject, Chart } from 'cdk8s';
import { synthesize, TWO_NODES } from './synthesize';
import { ACME_DIRECTORY } from '../cluster/cert-manager';
import { labReference } from '../cluster/image-table';
import { keyFile, WEB_CERTIFICATE } from '../cluster/keys';
import { KubeObject } from '../cluster/objects';
import { Example, HA_EDGE, objectsOf } from '../edge/examples';
import { EdgeCertificate, MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

const EXAMPLE: Example = { ...HA_EDGE, name: 'cert-manager', preservesClient: false };

/** Name of the Certificate, and of its Secret. */
export const CERTIFICATE = 'edge-shop-example-com-tls';

/** Each object of the example stands as it is committed. */
export function certificatesBy(api: RouteApi): Example {
  const isExample = api === RouteApi.GATEWAY_API;
  const objects = () => {
    const committed = isExample ? objectsOf(EXAMPLE) : [];
    const more = synthesize(chart => fill(chart, api)).filter(one => !committed.some(other => isSame(one, other)));
    return [...committed, ...more, ...httpsServer(), ...authorities()].map(forLab);
  };
  return { ...EXAMPLE, name: `cert-manager, ${isExample ? 'Gateway API' : 'Istio\'s API'}`, objects };
}

function fill(chart: Chart, routeApi: RouteApi): void {
  const edge = new MeshEdge(chart, 'edge', {
    nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], createNamespace: true, routeApi,
  });
  edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, certificate: EdgeCertificate.issuer('letsencrypt') });
  if (routeApi === RouteApi.ISTIO) ingressIssuer(chart);
  const ca = routeApi === RouteApi.ISTIO ? { caSecretName: 'lab-ca' } : { caConfigMapName: 'lab-ca' };
  const admin = { service: 'admin', serviceNamespace: 'shop', port: 8443, backendTls: { serverName: 'admin.example.com', ...ca } };
  edge.expose('admin.example.com', { ...admin, tlsSecretName: 'own-tls' })
    .addPath('/api', { ...admin, rewritePrefix: '/' })
    .addPath('/v1', { ...admin, rewritePrefix: '/v2' });
  edge.expose('wrong.example.com', { ...admin, service: 'wrong', tlsSecretName: 'own-tls', backendTls: { serverName: 'elsewhere.invalid', ...ca } });
  edge.expose('partners.example.com', { service: 'partners', serviceNamespace: 'shop', port: 80, tlsSecretName: 'partners-tls', clientCaSecretName: 'lab-ca' });
}

/** As docs/certificates.md has it for Istio's API. */
function ingressIssuer(chart: Chart): void {
  new ApiObject(chart, 'istio-class', {
    apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'istio' }, spec: { controller: 'istio.io/ingress-controller' },
  });
  new ApiObject(chart, 'issuer', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { name: 'letsencrypt' },
    spec: { acme: { server: '', privateKeySecretRef: { name: 'letsencrypt-account' }, solvers: [{ http01: { ingress: { ingressClassName: 'istio' } } }] } },
  });
}

/** The lab's server instead of Let's Encrypt's, solvers on the node that has their image, and a renewal after half a minute. */
function forLab(object: KubeObject): KubeObject {
  if (object.kind === 'Certificate') return { ...object, spec: { ...object.spec, renewBefore: '5m' } };
  if (object.kind !== 'Issuer') return object;
  const podTemplate = { spec: { nodeSelector: { 'lab/role': 'worker' } } };
  const solvers = (object.spec.acme.solvers as { http01: { [way: string]: object } }[]).map(({ http01 }) => ({
    http01: Object.fromEntries(Object.entries(http01).map(([way, how]) => [way, { ...how, podTemplate }])),
  }));
  return { ...object, spec: { acme: { ...object.spec.acme, server: ACME_DIRECTORY, caBundle: readFileSync(keyFile('ca.crt')).toString('base64'), solvers } } };
}

/** nginx with HTTPS only. It answers with the path and the server name that it got. */
function httpsServer(): KubeObject[] {
  const labels = { app: 'https-server' };
  const answer = '{"path":"$request_uri","serverName":"$ssl_server_name"}';
  const conf = 'events {}\nhttp { server { listen 8443 ssl; ssl_certificate /tls/tls.crt; ssl_certificate_key /tls/tls.key;\n'
    + `location / { return 200 '${answer}'; } } }\n`;
  const volumes = [{ name: 'tls', secret: { secretName: 'https-server' } }, { name: 'conf', configMap: { name: 'https-server' } }];
  const container = {
    name: 'nginx',
    image: labReference('nginx'),
    volumeMounts: [{ name: 'tls', mountPath: '/tls' }, { name: 'conf', mountPath: '/etc/nginx/nginx.conf', subPath: 'nginx.conf' }],
    readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
  };
  const metadata = { name: 'https-server', namespace: 'shop' };
  const service = (name: string) => ({
    apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec: { selector: labels, ports: [{ name: 'https', port: 8443, targetPort: 8443 }] },
  });
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'nginx.conf': conf } },
    {
      apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, stringData: { 'tls.crt': keyText(`${WEB_CERTIFICATE}.crt`), 'tls.key': keyText(`${WEB_CERTIFICATE}.key`) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { nodeSelector: { 'lab/role': 'worker' }, containers: [container], volumes } } },
    },
    service('admin'), service('wrong'),
  ];
}

/** The lab's authority, of services and of clients. */
function authorities(): KubeObject[] {
  const data = { 'ca.crt': keyText('ca.crt') };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'lab-ca', namespace: 'istio-ingress' }, stringData: data },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'lab-ca', namespace: 'shop' }, data },
  ];
}

function keyText(name: string): string {
  return readFileSync(keyFile(name), 'utf8');
}

function isSame(one: KubeObject, other: KubeObject): boolean {
  return one.kind === other.kind && one.metadata.name === other.metadata.name && one.metadata.namespace === other.metadata.namespace;
}
