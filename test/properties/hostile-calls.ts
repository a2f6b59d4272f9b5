// right arguments for every public constructor and method, from the table of the jsii assembly
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { chartOf, TWO_NODES } from '../../sandbox/synth';
import * as edge from '../../src';
import { CALLS, ENUMS, STRUCTS } from '../../src/validation/type-table';
import type { Options } from '../../src/validation/type-table';

const GATEWAY = new edge.IngressGateway(chartOf(), 'other');
const INSTANCES: { [type: string]: unknown } = {
  Construct: chartOf(),
  Cpu: Cpu.millis(100),
  Duration: Duration.seconds(30),
  Size: Size.mebibytes(64),
  EdgeFrontProxy: edge.EdgeFrontProxy.haproxy(),
  EdgeGateway: edge.EdgeGateway.podNetwork(),
  EdgeNodes: TWO_NODES,
  HostPort: edge.HostPort.tcp(8080),
  RouteApi: edge.RouteApi.ISTIO,
  VirtualAddress: edge.VirtualAddress.of('192.0.2.100'),
  IEdgeSite: { makeCharts: () => {} },
  IHostListener: new edge.FrontEnvoy(chartOf(), 'listener', { nodes: TWO_NODES, gateway: GATEWAY }),
  IIngressGateway: GATEWAY,
};
/** What methods are called on. */
export const OWNERS: { [type: string]: (chart: Construct) => object } = {
  EdgeNodes: () => TWO_NODES,
  EdgeFleet: () => new edge.EdgeFleet(),
  ExposedHost: chart => new edge.MeshEdge(chart, 'owner', { nodes: TWO_NODES }).expose('a.example.com', { service: 'a', port: 80 }),
  FrontProxy: chart => new edge.FrontHaproxy(chart, 'front', { nodes: TWO_NODES, gateway: GATEWAY }),
  IngressGateway: chart => new edge.IngressGateway(chart, 'owner'),
  KeepalivedVip: chart => new edge.KeepalivedVip(chart, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [edge.VirtualAddress.of('192.0.2.100')] }),
  ManagedIngressGateway: chart => new edge.ManagedIngressGateway(chart, 'owner'),
  MeshEdge: chart => new edge.MeshEdge(chart, 'owner', { nodes: TWO_NODES }),
  MeshEdgeEntry: chart => new edge.MeshEdge(chart, 'owner', {
    nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [edge.VirtualAddress.of('192.0.2.98')],
  }).addEntry('inside', { virtualAddresses: [edge.VirtualAddress.of('192.0.2.99')] }),
};
/** Texts and numbers that pass, by the option that wants them; what the type does not demand, but the construct. */
const SAMPLES: { [option: string]: unknown } = {
  address: '192.0.2.100', host: 'shop.example.com', port: 443, networkInterface: 'eth0', version: '1.31.0', maxReplicas: 3, hostnames: ['a', 'b'], path: '/',
  serverNames: ['a.example.com'], pathPrefix: '/api', service: 'shop', labels: { team: 'edge' }, istio: { version: '1.31.0' },
};
const NEEDED = ['networkInterface', 'version'];

export function optionsOf(struct: string): Options {
  const [parents, own] = STRUCTS[struct];
  return Object.assign({}, ...parents.map(optionsOf), own);
}

/** Something that has this type. */
export function valid(type: string, name: string): unknown {
  const required = type.replace('?', '');
  if (name in SAMPLES && typeof SAMPLES[name] === (required === 'number' ? 'number' : required === 'string' ? 'string' : 'object')) {
    return SAMPLES[name];
  }
  if (required.endsWith('[]')) {
    return [valid(required.slice(0, -2), name)];
  }
  if (required in STRUCTS) {
    return validOptions(optionsOf(required));
  }
  return required in ENUMS ? ENUMS[required][0] : required in INSTANCES ? INSTANCES[required] : ({ 'string': 'a', 'number': 1, 'boolean': true, 'string{}': {} })[required];
}

export function validOptions(options: Options): { [option: string]: unknown } {
  const wanted = Object.entries(options).filter(([name, type]) => !type.endsWith('?') || NEEDED.includes(name));
  return Object.fromEntries(wanted.map(([name, type]) => [name, valid(type, name)]));
}

/** Calls what the table names. */
export function call(name: string, given: { [parameter: string]: unknown }, ownerOf: () => unknown): unknown {
  const args = isVariadic(name) ? Object.values(given)[0] as unknown[] : Object.keys(CALLS[name]).map(parameter => given[parameter]);
  const [type, method] = name.replace(/^new /, '').split('.');
  const owner: Owner = Reflect.get(edge, type);
  if (method === undefined) {
    return Reflect.construct(owner, args);
  }
  const target = method in owner ? owner : ownerOf() as Owner;
  return target[method](...args);
}

interface Owner {
  new (...args: unknown[]): unknown;
  readonly [method: string]: (...args: unknown[]) => unknown;
}

export function isVariadic(name: string): boolean {
  return ['EdgeNodes.of', 'EdgeNodes.named', 'EdgeNodes.dedicated'].includes(name);
}
