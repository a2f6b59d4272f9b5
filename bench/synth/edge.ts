// the measured edge: topology T3 on two nodes, with exposed services
import { Chart, Duration } from 'cdk8s';
import type { App } from 'cdk8s';
import { EdgeFrontProxy, EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

export const NAMESPACE = 'istio-ingress';

export interface MeasuredService {
  readonly host: string;
  readonly service: string;
  readonly tlsSecretName: string;
}

export interface MeasuredEdge {
  readonly services: MeasuredService[];
  readonly virtualAddress: string;
  readonly idleTimeout: Duration;
}

/** Every edge has different configuration texts, so that no cache of the one before helps. */
export function edgeNumber(number: number): MeasuredEdge {
  return {
    services: ['blog', 'mail', 'shop'].map(service => ({ host: `${service}.${number}.example.com`, service, tlsSecretName: `${service}-tls` })),
    virtualAddress: `192.0.2.${100 + number % 100}`,
    idleTimeout: Duration.seconds(3_600 + number),
  };
}

/** Makes the edge as a user of the library does. */
export function makeMeshEdge(app: App, { services, virtualAddress, idleTimeout }: MeasuredEdge): void {
  const chart = new Chart(app, 'edge', { namespace: NAMESPACE });
  const edge = new MeshEdge(chart, 'edge', {
    nodes: EdgeNodes.of(
      { hostname: 'edge-1', address: '192.0.2.11' },
      { hostname: 'edge-2', address: '192.0.2.12' },
    ),
    networkInterface: 'eth0',
    virtualAddresses: [VirtualAddress.of(virtualAddress)],
    preserveClientAddress: true,
    createNamespace: true,
    frontProxy: EdgeFrontProxy.envoy({ idleTimeout }),
  });
  for (const { host, service, tlsSecretName } of services) {
    edge.expose(host, { service, serviceNamespace: service, port: 8080, tlsSecretName });
  }
}
