// the parts of which all of Envoy's messages are made: extensions, durations, addresses, buffers
import { snippetLines } from '../snippets';
import type { Snippets } from '../snippets';

/** A message of Envoy's v3 API, in protobuf's JSON form. */
export interface EnvoyMessage {
  readonly [field: string]: unknown;
}

/**
 * A message inside an `Any`; `type` is the protobuf message, such as
 * `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`.
 */
export function extension(name: string, type: string, config: EnvoyMessage = {}): EnvoyMessage {
  return { name, typed_config: { '@type': `type.googleapis.com/${type}`, ...config } };
}

/** Lines of YAML that a user wrote: further fields of a message under any name, or further items of a list. */
export class YamlLines {
  constructor(public readonly lines: string[]) {}
}

/** Those of a place; an empty list without a snippet. */
export function addedItems(snippets: Snippets | undefined, place: string): YamlLines[] {
  const lines = snippetLines(snippets, place);
  return lines.length > 0 ? [new YamlLines(lines)] : [];
}

/** The same as fields of a message. */
export function addedFields(snippets: Snippets | undefined, place: string): EnvoyMessage {
  const [added] = addedItems(snippets, place);
  return added ? { added } : {};
}

/** A protobuf duration, always in seconds: `0.25s`. */
export function duration(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

/** A TCP address and port. */
export function socketAddress(address: string, port: number): EnvoyMessage {
  return { socket_address: { address, port_value: port } };
}

/** The first address of a listener, and the others. */
export function socketAddresses([first, ...others]: string[], port: number): EnvoyMessage {
  return {
    address: socketAddress(first, port),
    ...(others.length > 0 && { additional_addresses: others.map(other => ({ address: socketAddress(other, port) })) }),
  };
}

/**
 * How much Envoy reads ahead for a slow client. Such a client takes about 600 KiB, so the default container of 3 GiB
 * has room for 4,000 of them. With Envoy's default, 1 MiB, it would take 1.4 MiB. Downloads are slower with less than
 * 512 KiB: Envoy writes 256 KiB at a time, and with a small buffer it stops and starts reading for every write. To
 * raise one side alone, listener or cluster, has little effect.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export const CONNECTION_BUFFER_BYTES = 512 * 1024;
