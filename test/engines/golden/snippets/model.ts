import type { ProxyModel } from '../../../../src/engines/proxy-model';
import { proxy as sniRoutes } from '../sni-routes/model';

/** A text of the user in every place of every engine. Each engine reads only its own places. */
export const proxy: ProxyModel = {
  ...sniRoutes,
  snippets: {
    bootstrap: `\
stats_flush_interval: 10s
# lines can be nested
stats_config:
  stats_tags:
    - tag_name: edge

      fixed_value: "one # two"
`,
    clusters: `
- name: collector
  type: STATIC
  load_assignment:
    cluster_name: collector
    endpoints:
      - lb_endpoints:
          - endpoint: { address: { socket_address: { address: 192.0.2.50, port_value: 4317 } } }
`,
    listener: 'tcp_backlog_size: 1024',
    listener_filters: `\
- name: envoy.filters.listener.local_ratelimit
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit
    stat_prefix: edge
    token_bucket: { max_tokens: 1000, tokens_per_fill: 1000, fill_interval: 1s }
`,
    network_filters: `\
- name: envoy.filters.network.rbac
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC
    stat_prefix: blocked
    rules:
      action: DENY
      policies:
        blocked:
          permissions: [{ any: true }]
          principals: [{ remote_ip: { address_prefix: 198.51.100.0, prefix_len: 24 } }]
`,
    cluster: 'cleanup_interval: 60s',
    global: 'tune.bufsize 32768',
    defaults: 'timeout queue 5s',
    frontend: `\
acl blocked src 198.51.100.0/24
tcp-request connection reject if blocked
`,
    backend: 'timeout check 1s',
    sections: `\
ring events
  description "lines of the user"
  format rfc3164
  size 32764
`,
    main: 'timer_resolution 100ms;',
    events: 'accept_mutex off; # the default',
    stream: `\
geo $blocked {
  default 0;
  198.51.100.0/24 1;
}
`,
    server: 'deny 198.51.100.0/24;',
  },
};
