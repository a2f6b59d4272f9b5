// a program of one call with one hostile value, and what came out of it
import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { call, OWNERS } from './hostile-calls';
import { argumentsWith } from './hostile-places';
import type { Place } from './hostile-places';
import * as edge from '../../src';
import { CALLS } from '../../src/validation/type-table';

/** The manifests of a program; or the error, and whether it left something behind. */
export interface Outcome {
  readonly text: string;
  readonly error: string;
}

const ADDRESSES = { networkInterface: 'eth0', virtualAddresses: [edge.VirtualAddress.of('192.0.2.100')] };
const NODES = edge.EdgeNodes.of({ hostname: 'edge-1', address: '192.0.2.11' }, { hostname: 'edge-2', address: '192.0.2.12' });

/** What a program does with the value class that a call returns. */
const USES: { [type: string]: (value: never, chart: Construct) => unknown } = {
  EdgeNodes: (nodes: edge.EdgeNodes, chart) => new edge.MeshEdge(chart, 'used', { nodes, ...ADDRESSES }),
  VirtualAddress: (address: edge.VirtualAddress, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES, ...ADDRESSES, virtualAddresses: [address] }),
  EdgeFrontProxy: (frontProxy: edge.EdgeFrontProxy, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES, frontProxy }),
  EdgeGateway: (gateway: edge.EdgeGateway, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES, gateway }),
  Handover: (handover: edge.Handover, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES, ...ADDRESSES, vip: { handover } }),
  Monitoring: (monitoring: edge.Monitoring, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES, monitoring }),
  RouteApi: (routeApi: edge.RouteApi, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES, routeApi }).expose('a.example.com', { service: 'a', port: 80 }),
  EdgeCertificate: (certificate: edge.EdgeCertificate, chart) => new edge.MeshEdge(chart, 'used', { nodes: NODES }).expose('a.example.com', { service: 'a', port: 80, certificate }),
  IngressGateway: (gateway: edge.IIngressGateway, chart) => new edge.FrontEnvoy(chart, 'used', { nodes: NODES, gateway }),
};

/** Makes the program and synthesizes it, to a text. */
export function outcomeOf(place: Place, value: unknown): Outcome {
  const app = new App();
  const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });
  try {
    const given = { ...argumentsWith(place, value), ...'scope' in CALLS[place.call] && place.path[0] !== 'scope' && { scope: chart, ...place.path[0] !== 'id' && { id: 'edge' } } };
    const [type, method] = place.call.replace('new ', '').split('.');
    const result = call(place.call, given, () => OWNERS[type](chart)) as object;
    const isStatic = method !== undefined && method in Reflect.get(edge, type);
    if (isStatic) {
      USES[method === 'fromService' ? 'IngressGateway' : type]?.(result as never, chart);
    }
    return { text: app.synthYaml() as string, error: '' };
  } catch (error) {
    return { text: '', error: error instanceof Error ? error.message : String(error) };
  }
}
