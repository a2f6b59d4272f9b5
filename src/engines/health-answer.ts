// what a front proxy's health endpoint answers: who it is, and which ports are its own
import type { ProxyModel } from './proxy-model';

/** The port guard of the next pod reads it. A port in use that the answer does not list belongs to another process. */
export function healthAnswer(model: ProxyModel): string {
  return [model.name, ...boundPorts(model)].join(' ');
}

/** Every port that the proxy takes on its node. */
export function boundPorts({ listeners, health }: ProxyModel): number[] {
  return [...listeners.map(listener => listener.port), health.port];
}
