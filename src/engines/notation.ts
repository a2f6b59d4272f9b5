// how HAProxy and nginx both write a time, and an address with its port

/** A time in seconds if it is whole seconds, otherwise in milliseconds. */
export function duration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** Address and port; IPv6 goes into brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
