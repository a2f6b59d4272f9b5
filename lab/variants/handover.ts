// edges whose address moves plainly, or without breaking a connection: behind each front proxy, and with gateways on the nodes
import { Duration } from 'cdk8s';
import { DUAL_STACK_MESH } from './dual-stack';
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Mesh } from '../cluster/istio-manifest';
import { Example, LOOPBACK } from '../edge/examples';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, Handover, MeshEdgeProps, VirtualAddress } from 'cdk8s-istio-edge';

export const IPV6_ADDRESS = '2001:db8::100';

/** The node to which the address goes back, if it has a home. */
const HOME = 'edge-1';

/** Longer than a round, so that no proxy ends a connection. A plain move leaves connections that end only with their proxy. */
function drainTimeout({ handover }: HowItMoves): Duration {
  return handover === Handover.PLAIN ? Duration.seconds(10) : Duration.minutes(10);
}

/** What happens to open connections, and what the address does when the node that held it is well again. */
export interface HowItMoves {
  readonly handover: Handover;
  readonly goesHome?: boolean;
}

export interface MovingEdge {
  readonly example: Example;
  /** The mesh that it needs. @default - none: stand-ins for the gateways */
  readonly mesh?: Mesh;
  /** The node to which the address goes back. @default - it stays where it is */
  readonly home?: string;
}

/** T3: front proxies, gateways on the pod network. */
export function behindFronts(engine: Example['engine'], how: HowItMoves): MovingEdge {
  return moving('front proxies', how, { frontProxy: frontProxyOf(engine, { drainTimeout: drainTimeout(how) }) }, { engine });
}

/** T4: a gateway on each node, which answers clients itself. */
export function gatewaysOnHosts(how: HowItMoves): MovingEdge {
  const changes = { gateway: gateway(how), frontProxy: EdgeFrontProxy.none() };
  return { ...moving('gateways on the nodes', how, changes, { engine: 'labtool' }), mesh: DUAL_STACK_MESH };
}

/** T5: a gateway on 127.0.0.1 of each node, behind its front proxy. */
export function gatewaysOnLoopback(how: HowItMoves): MovingEdge {
  const changes = { gateway: gateway(how), frontProxy: frontProxyOf('envoy', { drainTimeout: drainTimeout(how) }) };
  return { ...moving('gateways on 127.0.0.1', how, changes, { gatewayOnEachNode: LOOPBACK.gatewayOnEachNode }), mesh: DUAL_STACK_MESH };
}

function gateway(how: HowItMoves): EdgeGateway {
  return EdgeGateway.edgeNodes({ istio: { version: DUAL_STACK_MESH.version, dualStack: true }, drainTimeout: drainTimeout(how) });
}

function moving(what: string, { handover, goesHome }: HowItMoves, changes: Partial<MeshEdgeProps>, client: Partial<Example>): MovingEdge {
  const name = `${what}, ${handover === Handover.PLAIN ? 'plain' : 'seamless'}${goesHome ? ', the address has a home' : ''}`;
  const example = haEdgeWith(name, {
    nodes: EdgeNodes.of(
      { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' },
      { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
    ),
    virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: IPV6_ADDRESS, ...goesHome && { preferredNode: HOME } })],
    vip: { handover, ...goesHome && { preemptDelay: Duration.seconds(3) } },
    ...changes,
  }, client);
  return { example, ...goesHome && { home: HOME } };
}
