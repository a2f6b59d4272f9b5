// parts of Istio's objects that HTTP, TLS and TCP have in common
import type { Backend } from './routed-host';

/** Of `Gateway` and `VirtualService`. */
export const ISTIO_API_VERSION = 'networking.istio.io/v1';

/** The service that a route leads to. */
export function destination({ service, namespace, port }: Backend, clusterDomain: string): object {
  return { host: `${service}.${namespace}.svc.${clusterDomain}`, port: { number: port } };
}
