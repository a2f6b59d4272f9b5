// the answer of a front proxy's health endpoint: its name and its ports
import type { ProxyModel } from './proxy-model';

/** The port guard of the next pod reads it. A port in use that the answer does not list belongs to another process. */
export function healthAnswer(model: ProxyModel): string {
  return [model.name, ...boundPorts(model)].join(' ');
}

/** Every port that the proxy uses on its node. */
export function boundPorts({ listeners, health, metrics }: ProxyModel): number[] {
  return [...listeners.map(listener => listener.port), health.port, ...(metrics ? [metrics.port] : [])];
}
