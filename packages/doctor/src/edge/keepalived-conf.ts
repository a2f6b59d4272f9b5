// keepalived.conf, as the library or a user writes it → its VRRP instances

/** A virtual address, without its prefix length. */
export interface MovingAddress {
  readonly address: string;
  /** Its interface, if that is not the interface of the adverts. */
  readonly networkInterface?: string;
}

/** A VRRP instance. */
export interface VrrpInstance {
  readonly name: string;
  readonly virtualRouterId: number;
  readonly advertSeconds: number;
  readonly addresses: readonly MovingAddress[];
  /** Own addresses of the nodes by node name. Empty with multicast. */
  readonly sources: { readonly [node: string]: string };
  /** The interface of the adverts on a node. */
  interfaceOn(node: string): string;
}

/** All VRRP instances of a configuration. */
export function instancesIn(configuration: string): VrrpInstance[] {
  return [...configuration.matchAll(/^vrrp_instance (\S+) *\{\n(.*?)^\}/gms)].map(([, name, body]) => {
    const interfaces = perNode(body, 'interface');
    return {
      name,
      virtualRouterId: Number(perNode(body, 'virtual_router_id')['']),
      advertSeconds: Number(perNode(body, 'advert_int')['']),
      addresses: [...body.matchAll(/^\s*virtual_ipaddress(?:_excluded)? *\{\n(.*?)\}/gms)].flatMap(([, lines]) => lines.trim().split('\n')).map(movingAddress),
      sources: perNode(body, 'unicast_src_ip'),
      interfaceOn: node => interfaces[node] ?? interfaces[''],
    };
  });
}

/** Values of a keyword: `@NODE keyword value`, or `keyword value` for every node, under an empty name. */
function perNode(body: string, keyword: string): { [node: string]: string } {
  return Object.fromEntries([...body.matchAll(new RegExp(`^[ \\t]+(?:@(\\S+) )?${keyword}[ \\t]+(\\S+)`, 'gm'))].map(([, node = '', value]) => [node, value]));
}

function movingAddress(line: string): MovingAddress {
  const [address, , networkInterface] = line.trim().split(/\/\d+| dev /);
  return networkInterface === undefined ? { address } : { address, networkInterface };
}
