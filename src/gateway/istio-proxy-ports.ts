// the ports that Istio's proxy takes on its node, beside those of its listeners

/**
 * Ports that Istio's proxy uses on the host network.
 *
 * @see https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
 */
export const ISTIO_PROXY_PORTS: { readonly [port: number]: string } = {
  15000: 'Envoy admin',
  15001: 'Envoy outbound',
  15004: 'debug',
  15006: 'Envoy inbound',
  15008: 'HBONE mTLS tunnel',
  15020: 'merged Prometheus telemetry',
  15021: 'health checks',
  15053: 'DNS',
  15090: 'Envoy Prometheus telemetry',
};
