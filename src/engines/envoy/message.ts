// the parts of which all of Envoy's messages are made: extensions, durations, addresses, buffers

/** A message of Envoy's v3 API, in protobuf's JSON form. */
export interface EnvoyMessage {
  readonly [field: string]: unknown;
}

/** A message inside an `Any`; `type` is the protobuf message, such as `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
export function extension(name: string, type: string, config: EnvoyMessage = {}): EnvoyMessage {
  return { name, typed_config: { '@type': `type.googleapis.com/${type}`, ...config } };
}

/** A protobuf duration, always in seconds: `0.25s`. */
export function duration(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

export function socketAddress(address: string, port: number): EnvoyMessage {
  return { socket_address: { address, port_value: port } };
}

/**
 * How much Envoy reads ahead for a slow client. Such a client takes about 600 KiB, so the default container of 3 GiB has
 * room for 4,000 of them; with Envoy's default of 1 MiB it would take 1.4 MiB. A smaller buffer is slower: Envoy writes 256 KiB at a time, and below that
 * it stops and starts reading for every write. Speed of a 1 GiB download relative to 1 MiB buffers: 0.77 to 0.88 with
 * 128 KiB, 0.86 to 0.97 with 256 KiB, 0.93 to 1.03 with 512 KiB (the lower figure with BBR). Envoy's advice for an edge is 32 KiB.
 * To raise only one side (listener or cluster) has little effect.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export const CONNECTION_BUFFER_BYTES = 512 * 1024;
