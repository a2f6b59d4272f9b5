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
 * A bound on what is read ahead for a slow client. Such a client holds about 600 KiB, so the default container of 3 GiB has
 * room for 4,000 of them; with Envoy's default of 1 MiB it would hold 1.4 MiB. A smaller buffer costs more: Envoy writes 256 KiB at a time, and below that
 * stops and starts reading for every write. A download of 1 GiB ran at 0.77 to 0.88 times the speed that it has with 1 MiB with buffers of
 * 128 KiB, 0.86 to 0.97 with 256 KiB, 0.93 to 1.03 with 512 KiB; the lower figures are BBR's. Envoy's advice for an edge, 32 KiB, is slower still.
 * Raising one side alone (listener or cluster) gains little.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export const CONNECTION_BUFFER_BYTES = 512 * 1024;
