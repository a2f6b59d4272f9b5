// where an entry's connections go; the same in all engines
import type { ProxyEntry, ProxyListener } from './proxy-model';

/** Upstream of an entry's connections at a listener; undefined if they are closed there. */
export function upstreamAt({ upstreams }: ProxyEntry, { name }: ProxyListener): string | undefined {
  return Object.hasOwn(upstreams, name) ? upstreams[name] : undefined;
}
