// the measured fleet: stores, each with its own nodes, addresses and host name
import { Chart } from 'cdk8s';
import type { App } from 'cdk8s';
import { EdgeFleet, EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

/** Every site has its own private network: 250 regions of 250 sites. */
function network(site: number): string {
  return `10.${Math.floor(site / 250) % 250}.${site % 250}`;
}

/** A site like examples/ha-edge: topology T3 on two nodes, one service over HTTPS. */
export function makeStore(app: App, site: number, chartId: string): void {
  const chart = new Chart(app, chartId, { namespace: 'istio-ingress' });
  const edge = new MeshEdge(chart, 'edge', {
    nodes: EdgeNodes.of(
      { hostname: `store-${site}-edge-1`, address: `${network(site)}.11` },
      { hostname: `store-${site}-edge-2`, address: `${network(site)}.12` },
    ),
    networkInterface: 'eth0',
    virtualAddresses: [VirtualAddress.of(`${network(site)}.100`)],
    preserveClientAddress: true,
  });
  edge.expose(`store-${site}.example.com`, { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
}

export function makeFleet(sites: number, outdir?: string): EdgeFleet {
  const fleet = new EdgeFleet({ outdir });
  for (let site = 0; site < sites; site += 1) {
    fleet.addSite(`store-${site}`, { makeCharts: app => makeStore(app, site, 'edge') });
  }
  return fleet;
}
