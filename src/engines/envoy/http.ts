// HTTP that Envoy itself answers, on the ports that are not for clients
import { EnvoyMessage, extension } from './message';

/** Answers requests that match the route, and 404 to all others. */
export function httpAnswer(name: string, route: EnvoyMessage, options: EnvoyMessage = {}): EnvoyMessage {
  return extension(
    'envoy.filters.network.http_connection_manager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    {
      stat_prefix: name,
      codec_type: 'HTTP1',
      common_http_protocol_options: { idle_timeout: '10s', ...options },
      request_headers_timeout: '5s',
      generate_request_id: false,
      route_config: { virtual_hosts: [{ name, domains: ['*'], routes: [route] }] },
      http_filters: [extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router')],
    },
  );
}
