// the edge that is measured: T3 on two nodes, and services that are opened on it
import { Chart } from 'cdk8s';
import type { App } from 'cdk8s';
import { EdgeNodes, MeshEdge } from 'cdk8s-istio-edge';

export const NAMESPACE = 'istio-ingress';

export interface MeasuredService {
  readonly host: string;
  readonly service: string;
  readonly tlsSecretName: string;
}

export const THREE_SERVICES: MeasuredService[] = ['blog', 'mail', 'shop'].map(service => ({
  host: `${service}.example.com`, service, tlsSecretName: `${service}-tls`,
}));

/** As examples/ha-edge has it. */
export const ONE_SERVICE = THREE_SERVICES.slice(2);

/** What a user of the library writes. */
export function makeMeshEdge(app: App, services: MeasuredService[]): void {
  const chart = new Chart(app, 'edge', { namespace: NAMESPACE });
  const edge = new MeshEdge(chart, 'edge', {
    nodes: EdgeNodes.of(
      { hostname: 'edge-1', address: '192.0.2.11' },
      { hostname: 'edge-2', address: '192.0.2.12' },
    ),
    networkInterface: 'eth0',
    virtualAddresses: ['192.0.2.100'],
    preserveClientAddress: true,
    createNamespace: true,
  });
  for (const { host, service, tlsSecretName } of services) {
    edge.expose(host, { service, serviceNamespace: service, port: 8080, tlsSecretName });
  }
}
