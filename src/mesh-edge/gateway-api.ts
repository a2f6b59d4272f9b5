// parts of Gateway API objects that HTTP, TLS and TCP have in common
import type { Backend } from './routed-host';
import type { IngressGatewayConfig } from '../gateway/ingress-gateway-config';

/** API group of all objects of Gateway API. */
export const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';

/** API version of what has reached it. */
export const GATEWAY_API_V1 = `${GATEWAY_API_GROUP}/v1`;

/** Routes of the Gateway's own namespace only. */
export const OWN_NAMESPACE = { namespaces: { from: 'Same' } };

/** `spec` of a Gateway that the pods of a Service serve. */
export function gatewaySpec({ serviceName, namespace, clusterDomain }: IngressGatewayConfig, listeners: unknown): object {
  return {
    gatewayClassName: 'istio',
    // exactly one address, of this type: with any other list istiod deploys a gateway of its own
    addresses: [{ type: 'Hostname', value: `${serviceName}.${namespace}.svc.${clusterDomain}` }],
    listeners,
  };
}

/** A listener terminates TLS with this Secret. */
export function terminate(secretName: string | undefined): object {
  return { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: secretName }] };
}

/** The listener that a route belongs to. */
export function parentRef(gatewayName: string, sectionName: string): object {
  return { group: GATEWAY_API_GROUP, kind: 'Gateway', name: gatewayName, sectionName };
}

/** The service that a route of this namespace leads to. */
export function backendRef({ service, namespace, port }: Backend, ownNamespace: string): object {
  return { group: '', kind: 'Service', name: service, ...(namespace !== ownNamespace && { namespace }), port, weight: 1 };
}
