// overload manager: what Envoy does before it runs out of connections or memory
import { ProxyModel } from '../proxy-model';
import { EnvoyMessage, extension } from './message';

const FIXED_HEAP = 'envoy.resource_monitors.fixed_heap';

/** Share of the container's memory for the heap. The rest is for stacks, the binary and the kernel's socket buffers. */
const HEAP_SHARE = 0.8;

/**
 * The limits on connections and memory.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager
 */
export function overloadManager(model: ProxyModel): EnvoyMessage {
  const monitors = [connectionMonitor(model.maxConnections)];
  if (model.memoryLimitBytes === undefined) {
    return { resource_monitors: monitors };
  }
  return {
    refresh_interval: '0.25s',
    resource_monitors: [...monitors, heapMonitor(model.memoryLimitBytes)],
    // Envoy stops accepting before the OOM killer would end every connection; `stop_accepting_requests` is for HTTP
    // only
    actions: [
      action('envoy.overload_actions.shrink_heap', 0.95),
      action('envoy.overload_actions.stop_accepting_connections', 0.98),
    ],
  };
}

/**
 * Counts the connections of all listeners without `ignore_global_conn_limit`. It needs no action: the listeners read
 * it.
 */
function connectionMonitor(maxConnections: number): EnvoyMessage {
  return extension(
    'envoy.resource_monitors.global_downstream_max_connections',
    'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
    { max_active_downstream_connections: maxConnections },
  );
}

function heapMonitor(memoryLimitBytes: number): EnvoyMessage {
  return extension(FIXED_HEAP, 'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', {
    max_heap_size_bytes: Math.floor(memoryLimitBytes * HEAP_SHARE),
  });
}

function action(name: string, threshold: number): EnvoyMessage {
  return { name, triggers: [{ name: FIXED_HEAP, threshold: { value: threshold } }] };
}
