// the one form in which Envoy takes typed configuration

/** A plain object of Envoy's v3 API, as protobuf's JSON mapping has it. */
export interface ApiObject {
  readonly [field: string]: unknown;
}

/** `type` is the protobuf message, such as `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
export function extension(name: string, type: string, config: ApiObject = {}): ApiObject {
  return { name, typed_config: { '@type': `type.googleapis.com/${type}`, ...config } };
}

/** A protobuf duration, always in seconds: `0.25s`. */
export function duration(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

export function socketAddress(address: string, port: number): ApiObject {
  return { socket_address: { address, port_value: port } };
}

/**
 * A bound on what is read ahead for a client that does not keep up. Envoy's advice for an edge is 32 KiB, which makes each byte of a
 * download 40 to 70 % dearer, and 128 KiB 10 %; such a client then holds 156 KiB, with the default of 1 MiB 1.7 MiB.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export const CONNECTION_BUFFER_BYTES = 128 * 1024;
