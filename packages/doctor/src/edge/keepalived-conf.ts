// keepalived.conf, as the library writes it → virtual addresses

/** The addresses of all VRRP instances, without their prefix lengths. */
export function addressesIn(configuration: string): string[] {
  return [...configuration.matchAll(/^ *virtual_ipaddress(?:_excluded)? \{\n(.*?)\}/gms)]
    .flatMap(([, lines]) => lines.trim().split('\n')).map(line => line.trim().split('/')[0]);
}
