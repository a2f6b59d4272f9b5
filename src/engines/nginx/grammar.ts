// quotes values for nginx: the only place where a value becomes text of a directive
import { hostPort } from '../notation';

/** Words that need no quotes. */
const PLAIN = /^[\w./:[\]*=-]+$/;

/** `name value value;`, with quotes around each value that needs them. */
export function directive(name: string, ...values: (string | number)[]): string {
  return `${[name, ...values.map(value => quoteNginx(String(value)))].join(' ')};`;
}

/**
 * One word that nginx reads back as exactly `text`. A dollar sign starts a variable even inside quotes and has no
 * escape, so a text with one cannot be written.
 *
 * @throws Error if the text has a dollar sign or a NUL
 * @see https://github.com/nginx/nginx/blob/release-1.22.1/src/core/ngx_conf_file.c#L503
 */
export function quoteNginx(text: string): string {
  if (/[$\0]/.test(text)) {
    throw new Error(`nginx.conf cannot hold the value ${JSON.stringify(text)}; `
      + 'expected a text without "$", which nginx cannot escape');
  }
  if (PLAIN.test(text)) {
    return text;
  }
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `"${escaped}"`;
}

/**
 * `::` is IPv6 only, with any net.ipv6.bindv6only. The workers share the port; so do the old and new pod during an
 * update.
 */
export function listen(address: string, port: number, ...parameters: string[]): string {
  const family = address.includes(':') ? ['ipv6only=on'] : [];
  return directive('listen', hostPort(address, port), ...family, 'reuseport', ...parameters);
}
