// ports that fit each other: each wish gets its port, or the next free one
import * as fc from 'fast-check';
import type { listenerWishes } from './valid-options';
import type { FrontListener, GatewayListener } from '../../src';

export type ListenerWish = ReturnType<typeof listenerWishes> extends fc.Arbitrary<(infer T)[]> ? T : never;

/** Istio's proxy uses these itself. 15443 is that of a placeholder. */
export const ISTIO_PORTS = [15_000, 15_001, 15_004, 15_006, 15_008, 15_020, 15_021, 15_053, 15_090, 15_443];

/** Ports that can be taken once. */
export class Ports {
  private readonly taken = new Set(ISTIO_PORTS);

  public has(port: number): boolean {
    return !this.taken.has(port) && port >= 1 && port <= 65_535;
  }

  /** The port, or the next one that is free in all of the sets. */
  public take(wanted: number, ...others: Ports[]): number {
    let port = wanted;
    while (![this, ...others].every(ports => ports.has(port))) port = port >= 65_535 ? 1 : port + 1;
    [this, ...others].forEach(ports => ports.taken.add(port));
    return port;
  }
}

/** Where the ports of a gateway are opened. `offset`: what the gateway adds to a port to get its default target port. */
export interface GatewayPlace {
  readonly services: Ports;
  readonly targets: Ports;
  readonly offset: (port: number) => number;
}

/** Listeners of a gateway. A target port is given where the default one is not free, or if it is wanted. */
export function gatewayListeners(wishes: ListenerWish[], { services, targets, offset }: GatewayPlace, ...alsoFree: Ports[]): GatewayListener[] {
  return wishes.map(wish => {
    const port = services.take(wish.port, ...alsoFree);
    const own = port + offset(port);
    if (wish.other === undefined && targets.has(own)) {
      targets.take(own);
      return { port };
    }
    return { port, targetPort: targets.take(wish.other ?? own) };
  });
}

/** Listeners of a front proxy or an entry, which lead to ports of its gateway. */
export function frontListeners(wishes: ListenerWish[], gatewayPorts: number[], take: (port: number) => number): FrontListener[] {
  return wishes.map(({ port: wanted, other = wanted, tls }) => {
    const port = take(wanted);
    const gatewayPort = gatewayPorts.includes(port) && other === wanted ? port : gatewayPorts[other % gatewayPorts.length];
    return { port, gatewayPort, ...(tls !== undefined && { tls }) };
  });
}
