// what a front proxy's health endpoint answers: who it is, and which ports are its own
import type { ProxyModel } from './proxy-model';

/** The port guard of the next pod reads it: what an older pod does not name, a stranger holds. */
export function healthAnswer({ name, listeners, health }: ProxyModel): string {
  return [name, ...listeners.map(listener => listener.port), health.port].join(' ');
}
