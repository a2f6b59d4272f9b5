// the ports of a gateway, and which ports it cannot use
import { ISTIO_PROXY_PORTS } from './istio-proxy-ports';
import { throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkPort } from '../validation/values';
import { byPort } from '../workload/ports';
import { LOWEST_UNPRIVILEGED_PORT } from '../workload/privileges';

/**
 * A port of a gateway's Service, and the port of the pods behind it.
 */
export interface GatewayListener {
  /**
   * Port of the Service, and of the servers in `Gateway` resources: 1 to 65535.
   */
  readonly port: number;

  /**
   * Port on which the gateway's Envoy listens: 1 to 65535, not one of Istio's own. istiod reads it from the Service.
   *
   * @default - the port of the Service; the pods of gateways on the pod network listen on a port that is 8000 higher if it is below 1024, or on the next free one in steps of 10000
   */
  readonly targetPort?: number;
}

/** Listeners with both ports filled in. */
export type ResolvedListener = Required<GatewayListener>;

/** The target port of a port that has none. `taken`: those of the other listeners. */
export type TargetOf = (port: number, taken: number[]) => number;

/** Fills in both ports of each listener; without listeners 80 and 443. By port, so that the order of calls does not matter. */
export function resolveGatewayListeners(
  listeners: GatewayListener[] = [{ port: 80 }, { port: 443 }], targetOf: TargetOf = port => port,
): ResolvedListener[] {
  const taken = listeners.flatMap(({ targetPort }) => targetPort ?? []);
  return [...listeners].sort(byPort).map(({ port, targetPort }) => {
    const target = targetPort ?? targetOf(port, taken);
    taken.push(target);
    return { port, targetPort: target };
  });
}

const HIGHEST_PORT = 65_535;

/** Steps in which a free port is searched: each of them leads to a port that users can recognize. */
const STEP = 10_000;

/** The wanted port, or the next one in steps that no other listener has, nor Istio's proxy. Ports above 65535 begin again at 1024. */
export function freeTarget(wanted: number, taken: number[]): number {
  const candidates = [0, 1, 2, 3, 4, 5].map(steps => wanted + steps * STEP)
    .map(port => port > HIGHEST_PORT ? port - HIGHEST_PORT - 1 + LOWEST_UNPRIVILEGED_PORT : port);
  return candidates.find(port => !taken.includes(port) && !(port in ISTIO_PROXY_PORTS)) ?? wanted;
}

/** The listeners of a gateway: those of its options, and the ports that calls add. */
export class GatewayListeners {
  private readonly given: ResolvedListener[];
  private added: number[] = [];

  constructor(options: GatewayListener[] | undefined, private readonly targetOf: TargetOf) {
    this.given = resolveGatewayListeners(options, targetOf);
  }

  /** By port. If two added ports want one target port, the lower one gets it, whichever call was first. */
  public get all(): ResolvedListener[] {
    return this.with(this.added);
  }

  /** Adds a port, or throws its problems with the path of the gateway. */
  public add(port: number, path: string): void {
    const added = [...this.added, port];
    throwIfAny(checkGatewayListeners(this.with(added)), path);
    this.added = added;
  }

  private with(added: number[]): ResolvedListener[] {
    return resolveGatewayListeners([...this.given, ...added.map(port => ({ port }))], this.targetOf);
  }
}

/** All problems with a gateway's listeners. */
export function checkGatewayListeners(listeners: ResolvedListener[]): Problem[] {
  return [
    ...checkDistinct('port-twice', 'ports of listeners', listeners.map(listener => String(listener.port))),
    ...checkDistinct('port-twice', 'target ports of listeners', listeners.map(listener => String(listener.targetPort))),
    ...listeners.flatMap(({ port, targetPort }) => [
      ...checkPort('port of a listener', port),
      ...checkPort('targetPort of a listener', targetPort),
      ...checkNotIstios('port of a listener', port),
      ...(port === targetPort ? [] : checkNotIstios('targetPort of a listener', targetPort)),
    ]),
  ];
}

/** A port that Istio's proxy uses itself cannot carry traffic. */
export function checkNotIstios(what: string, port: number): Problem[] {
  const owner = ISTIO_PROXY_PORTS[port];
  return owner === undefined ? [] : [{
    code: 'port-reserved-by-istio',
    what: `${what} is reserved by Istio's proxy (${owner})`,
    got: port,
    fix: `choose a port other than ${Object.keys(ISTIO_PROXY_PORTS).join(', ')}`,
  }];
}
