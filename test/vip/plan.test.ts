// what follows from the props of a virtual IP and from the listeners that it tracks
import { Duration } from 'cdk8s';
import { chartOf, messageOf, TWO_NODES } from '../../sandbox/synth';
import { HostPort, KeepalivedVip, VirtualAddress } from '../../src';
import type { HostListenerConfig, KeepalivedVipProps } from '../../src';
import { planVip } from '../../src/vip/plan';
import { handedOverPorts } from '../../src/vip/plan-handover';

const MINIMAL: KeepalivedVipProps = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };
const planned = (props: Partial<KeepalivedVipProps>) => planVip('edge/vip', { ...MINIMAL, ...props }, []);

test('the ports that a hand-over relays are those that clients reach, each once, in order', () => {
  const listener = (...hostPorts: HostPort[]) => ({ hostPorts }) as unknown as HostListenerConfig;
  const tracked = [listener(HostPort.tcp(8443), HostPort.tcp(443), HostPort.loopback(340)), listener(HostPort.tcp(80), HostPort.tcp(443))];
  expect(handedOverPorts(tracked)).toEqual([80, 443, 8443]);
});
test('the lines of the user are those of the model', () => {
  const snippets = { vrrp_instance: 'debug 1' };
  expect(planned({ configurationSnippets: snippets })).toMatchObject({ snippets, name: 'edge/vip' });
  expect(planned({}).snippets).toBeUndefined();
});
test('an address has an interface of its own only if it is not that of the adverts', () => {
  const of = (networkInterface?: string) => planned({ virtualAddresses: [VirtualAddress.of('192.0.2.100', { networkInterface })] }).instances[0].addressInterface;
  expect([of(), of('eth0'), of('eth1')]).toEqual([undefined, undefined, 'eth1']);
});
test('spread begins the second address at the second node', () => {
  const nodes = TWO_NODES.nodes;
  const model = planned({ spread: true, virtualAddresses: ['192.0.2.100', '192.0.2.101'].map(address => VirtualAddress.of(address)) });
  expect(model.instances.map(({ priorities }) => nodes.map(({ hostname }) => priorities[hostname]))).toEqual([[250, 249], [249, 250]]);
});
test('an address goes back to its preferred node after half a minute', () =>
  expect(planned({ virtualAddresses: [VirtualAddress.of('192.0.2.100', { preferredNode: 'edge-2' })] }).instances).toMatchObject([{ preempt: true, preemptDelaySeconds: 30 }]));
test('fails for a preempt delay with a fraction, which keepalived does not know', () =>
  expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', {
    ...MINIMAL, virtualAddresses: [VirtualAddress.of('192.0.2.100', { preferredNode: 'edge-1' })], preemptDelay: Duration.millis(1_500),
  }))).toContain('[edge/vip] duration-out-of-range: preemptDelay is out of range, got "1.5 s"'));
