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
 * A bound on what is read ahead for a client that does not keep up. Such a client holds about 200 KiB, so the default container of 1 GiB
 * has room for 4,000 of them; with 512 KiB it would hold 720 KiB, with Envoy's default of 1 MiB 1.7 MiB. The price: a download runs at 0.95 times
 * the speed that it has with 1 MiB, at 1.13 times the CPU time (`npm run bench -- wire-envoy`); more on a machine that is busy. Envoy's advice
 * for an edge is 32 KiB, which is dearer still. Raising one side alone (listener or cluster) gains little.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export const CONNECTION_BUFFER_BYTES = 128 * 1024;
