// how nginx reads words: the one place where a value becomes text of a directive

/** Words that mean themselves without quotes; everything else is quoted. */
const PLAIN = /^[\w./:[\]*=-]+$/;

/** `name value value;` with every value quoted where it has to be. */
export function directive(name: string, ...values: (string | number)[]): string {
  return `${[name, ...values.map(value => quoteNginx(String(value)))].join(' ')};`;
}

/**
 * One word that nginx reads back as exactly `text`. A dollar sign starts a variable even inside quotes and has no escape,
 * so there is no text for it: https://github.com/nginx/nginx/blob/release-1.22.1/src/core/ngx_conf_file.c#L503
 */
export function quoteNginx(text: string): string {
  if (/[$\0]/.test(text)) {
    throw new Error(`nginx.conf cannot hold the value ${JSON.stringify(text)}; expected a text without "$", which nginx cannot escape`);
  }
  if (PLAIN.test(text)) {
    return text;
  }
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `"${escaped}"`;
}

/** A time in the largest unit that nginx reads exactly. */
export function duration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** Address and port; IPv6 goes into brackets. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `::` is IPv6 only, whatever net.ipv6.bindv6only says. Shared by the workers, and by old and new pod during an update. */
export function listen(address: string, port: number, ...parameters: string[]): string {
  const family = address.includes(':') ? ['ipv6only=on'] : [];
  return directive('listen', hostPort(address, port), ...family, 'reuseport', ...parameters);
}
