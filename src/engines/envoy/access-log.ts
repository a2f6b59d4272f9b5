// one readable line on stdout when a client connection ends: for each connection, or for each that failed
import { EnvoyMessage, extension } from './message';
import type { ProxyModel } from '../proxy-model';

/**
 * Fields of a line.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
const FIELDS = [
  'client=%DOWNSTREAM_REMOTE_ADDRESS%',
  'sni=%REQUESTED_SERVER_NAME%',
  'upstream=%UPSTREAM_CLUSTER%',
  'host=%UPSTREAM_HOST%',
  'received=%BYTES_RECEIVED%',
  'sent=%BYTES_SENT%',
  'ms=%DURATION%',
  'flags=%RESPONSE_FLAGS%',
];

/** The access log of a listener, on stdout. */
export function accessLog(listener: string, { logsSuccess }: ProxyModel): EnvoyMessage {
  const line = ['%START_TIME%', `listener=${literal(listener)}`, ...FIELDS].join(' ');
  const log = extension('envoy.access_loggers.stdout', 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
    log_format: { text_format_source: { inline_string: `${line}\n` } },
  });
  return logsSuccess ? log : { ...log, filter: FAILED };
}

/** Any response flag. */
const FAILED: EnvoyMessage = { response_flag_filter: {} };

/** `%` begins a command operator of the log format. */
function literal(text: string): string {
  return text.replace(/%/g, '%%');
}
