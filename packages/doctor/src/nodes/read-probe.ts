// the output of node-probe.pl → facts
import { NodeProbe } from './plan';
import { NodeFacts } from '../facts';

/** Reads what a probe printed. `names` has the nodes by their numbers. */
export function readProbe(output: string, { node, peers }: NodeProbe, names: ReadonlyMap<number, string>): NodeFacts {
  const lines = output.split('\n').map(line => line.split(' '));
  const of = (kind: string) => lines.filter(([first]) => first === kind).map(([, ...words]) => words);
  const settings = of('setting').map(([name, ...value]) => [name, value.join(' ').replace(/\s+/g, ' ').trim()]);
  return {
    node,
    interfaces: of('interface').map(([name, mtu, state, hardwareAddress]) => ({ name, mtu: Number(mtu), state, hardwareAddress })),
    settings: Object.fromEntries(settings),
    listeners: of('listener').map(([port]) => Number(port)),
    redirected: of('redirected').map(([port, address]) => ({ port: Number(port), address })),
    unbound: [...new Set(of('unbound').map(([address]) => address))],
    answers: of('answer').map(([address, hardwareAddress]) => ({ address, hardwareAddress })),
    adverts: of('advert').map(([networkInterface, source, vrid, hardwareAddress]) => ({ networkInterface, source, virtualRouterId: Number(vrid), hardwareAddress })),
    peers,
    heard: of('heard').flatMap(([number, family]) => {
      const name = names.get(Number(number));
      return name === undefined ? [] : [{ node: name, family: family === '4' ? 'IPv4' as const : 'IPv6' as const }];
    }),
  };
}
