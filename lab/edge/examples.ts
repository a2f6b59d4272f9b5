// the examples: their addresses and engines, and their committed output

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeObject, readObjects } from '../cluster/objects';

export interface Example {
  /** Folder below examples/, or the name of a variant. */
  readonly name: string;
  /** The address that a client connects to: the virtual IP or a node's address. */
  readonly address: string;
  /** Whether the address moves between nodes. */
  readonly virtual: boolean;
  /** Name of the process that listens on the edge nodes. */
  readonly engine: 'envoy' | 'haproxy' | 'nginx' | 'labtool';
  /** Edge nodes that run it. */
  readonly nodes: string[];
  /** Whether the gateway sees the client's address. */
  readonly preservesClient: boolean;
  /** Whether each edge node has a gateway behind its front proxy. @default - no: on the pod network, or no front proxy */
  readonly gatewayOnEachNode?: boolean;
  /** Its synthesized objects. @default - the committed output of the example with this name */
  readonly objects?: () => KubeObject[];
}

const VIP = '192.0.2.100';
const BOTH = ['edge-1', 'edge-2'];

export const HA_EDGE: Example = { name: 'ha-edge', address: VIP, virtual: true, engine: 'envoy', nodes: BOTH, preservesClient: true };

export const LOOPBACK: Example = { ...HA_EDGE, name: 'loopback-gateway', gatewayOnEachNode: true };

export const EXAMPLES: Example[] = [
  HA_EDGE,
  { name: 'front-haproxy', address: VIP, virtual: true, engine: 'haproxy', nodes: BOTH, preservesClient: false },
  { name: 'front-nginx', address: VIP, virtual: true, engine: 'nginx', nodes: BOTH, preservesClient: false },
  { name: 'adopted-gateway', address: VIP, virtual: true, engine: 'envoy', nodes: BOTH, preservesClient: false },
  { name: 'gateway-api', address: VIP, virtual: true, engine: 'envoy', nodes: BOTH, preservesClient: false },
  { name: 'managed-gateway', address: VIP, virtual: true, engine: 'envoy', nodes: BOTH, preservesClient: true },
  { name: 'managed-host-gateways', address: VIP, virtual: true, engine: 'labtool', nodes: BOTH, preservesClient: true },
  { name: 'host-gateways-vip', address: VIP, virtual: true, engine: 'labtool', nodes: BOTH, preservesClient: true },
  LOOPBACK,
  { name: 'host-gateway', address: '192.0.2.11', virtual: false, engine: 'labtool', nodes: ['edge-1'], preservesClient: true },
  { name: 'front-envoy', address: '192.0.2.11', virtual: false, engine: 'envoy', nodes: ['edge-1'], preservesClient: false },
];

export function example(name: string): Example {
  const found = EXAMPLES.find(one => one.name === name);
  if (!found) throw new Error(`no example ${name}; there are ${EXAMPLES.map(one => one.name).join(', ')}`);
  return found;
}

/** The objects that a user applies. */
export function objectsOf(one: Example): KubeObject[] {
  if (one.objects) return one.objects();
  const folder = join(__dirname, '../../examples', one.name, 'dist');
  return readdirSync(folder).sort().flatMap(file => readObjects(readFileSync(join(folder, file), 'utf8')));
}
