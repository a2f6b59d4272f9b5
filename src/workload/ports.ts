// the order of ports in manifests and configurations

/** Compares by port, so that the order of calls does not change the bytes. */
export function byPort(one: { readonly port: number }, other: { readonly port: number }): number {
  return one.port - other.port;
}
