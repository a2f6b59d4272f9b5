// entries of a front proxy: addresses with gateways of their own, and ports that come after the pod
import { Chart } from 'cdk8s';
import { chartOf, container, frontProps, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, HostNetworkIngressGateway, HostPort, IngressGateway, UpdateMode } from '../../src';
import type { FrontEntryOptions, FrontProxy, FrontProxyProps } from '../../src';

const ENGINES = [
  { name: 'front-envoy', Front: FrontEnvoy, file: 'front-envoy.yaml', address: /address_prefix: 192\.0\.2\.101/ },
  { name: 'front-haproxy', Front: FrontHaproxy, file: 'front-haproxy.cfg', address: /acl to-inside dst 192\.0\.2\.101/ },
  { name: 'front-nginx', Front: FrontNginx, file: 'front-nginx.conf', address: /listen 192\.0\.2\.101:443;/ },
];

const HIGH = { listeners: [{ port: 443 }, { port: 8443, targetPort: 18_443 }] };
const second = (chart: Chart, id = 'internal', props = {}) => new IngressGateway(chart, id, props);
const inside = (chart: Chart, options: Partial<FrontEntryOptions> = {}): FrontEntryOptions =>
  ({ name: 'inside', addresses: ['192.0.2.101'], gateway: options.gateway ?? second(chart), ...options });

describe.each(ENGINES)('$name', ({ name, Front, file, address }) => {
  const made = (props: Partial<FrontProxyProps>, then: (front: FrontProxy, chart: Chart) => void): Manifest[] => {
    const chart = chartOf();
    then(new Front(chart, name, { ...frontProps(chart), ...props }), chart);
    return synth(chart);
  };
  const config = (found: Manifest[]): string => only(found, 'ConfigMap').data[file];

  test('an entry enters the configuration and the name of its ConfigMap', () => {
    const without = made({}, () => undefined);
    const with_ = made({}, (front, chart) => front.addEntry(inside(chart)));
    expect(config(without)).not.toMatch(address);
    expect(config(with_)).toMatch(address);
    expect(config(with_)).toContain('edge-internal-istio-ingress-443');
    expect(only(with_, 'ConfigMap').metadata.name).not.toBe(only(without, 'ConfigMap').metadata.name);
  });

  test('an entry at the same ports changes nothing else of the pod', () => {
    const [without, with_] = [made({}, () => undefined), made({}, (front, chart) => front.addEntry(inside(chart)))]
      .map(found => JSON.stringify(only(found, 'DaemonSet')).replace(/[0-9a-f]{64}/, '').replace(/-[0-9a-f]{10}"/g, '"'));
    expect(with_).toBe(without);
  });

  test.each([['DaemonSet', {}], ['DaemonSet', { updateMode: UpdateMode.REPLACE }], ['Deployment', { replicas: 2 }]])(
    'a port of an entry reaches the pod of a %s as a port of the proxy would (%j)', (kind, props) => {
      const quiet = { ...props, healthPort: 18_021 };
      const later = made({ ...quiet, listeners: [{ port: 8080, gatewayPort: 80 }] },
        (front, chart) => front.addEntry(inside(chart, { listeners: [{ port: 443 }] })));
      const atOnce = made({ ...quiet, listeners: [{ port: 8080, gatewayPort: 80 }, { port: 443 }] }, () => undefined);
      for (const part of [undefined, 'port-guard']) {
        const [late, early] = [later, atOnce].map(found => ({ ...container(only(found, kind, `edge-${name}`), part), volumeMounts: [] }));
        expect(late).toEqual(early);
      }
    });

  test('the proxy claims the ports of an entry', () => {
    const chart = chartOf();
    const front = new Front(chart, name, { ...frontProps(chart) });
    front.addEntry(inside(chart, { gateway: second(chart, 'other', HIGH) }));
    expect(front.hostPorts).toContainEqual(HostPort.tcp(8443));
    expect(front.toHostListenerConfig().hostPorts).toContainEqual(HostPort.tcp(8443));
    expect(front.listeners.map(({ port }) => port)).toEqual([80, 443]);
    const listeners = [{ port: 8443, gatewayPort: 443 }];
    new FrontNginx(chart, 'other-front', { nodes: TWO_NODES, gateway: second(chart, 'third'), listeners, healthPort: 18_022 });
    expect(() => synth(chart)).toThrow(/host-port-clash: tcp 8443 on nodes edge-1, edge-2 is also used by edge\/front/);
  });

  test('an IPv6 address opens IPv6', () => {
    const chart = chartOf();
    const front = new Front(chart, name, { ...frontProps(chart) });
    expect(front.toHostListenerConfig().ipv6).toBe(false);
    front.addEntry(inside(chart, { addresses: ['2001:DB8::101'] }));
    expect(front.toHostListenerConfig().ipv6).toBe(true);
    expect(config(synth(chart))).toContain('2001:db8::101');
  });

  test('a gateway with PROXY protocol can stand beside one without', () => {
    const found = made({}, (front, chart) => front.addEntry(inside(chart, { gateway: second(chart, 'other', { receivesProxyProtocol: true }) })));
    expect(config(found)).toMatch(/proxy_protocol|send-proxy-v2/);
  });
});

describe('one more listener', () => {
  const HTTPS_AND_DATABASE = { listeners: [{ port: 443 }, { port: 5432 }] };
  const frontOf = (chart: Chart) => {
    const front = new FrontNginx(chart, 'front', { nodes: TWO_NODES, gateway: second(chart, 'own', HTTPS_AND_DATABASE), listeners: [{ port: 443 }] });
    ['inside', 'partners'].forEach((name, index) => front.addEntry({
      name, addresses: [`192.0.2.${101 + index}`], gateway: second(chart, name, HTTPS_AND_DATABASE), listeners: [{ port: 443 }],
    }));
    return front;
  };
  const passes = (manifests: Manifest[]) =>
    [...only(manifests, 'ConfigMap').data['front-nginx.conf'].matchAll(/listen (\S+:5432)[^}]*proxy_pass (\S+);/g)].map(match => match.slice(1));

  test('of the proxy itself leads to its own gateway, and is open at the addresses of entries', () => {
    const chart = chartOf();
    const front = frontOf(chart);
    expect(front._checkListener(5432)).toEqual([]);
    front._addListener(5432);
    expect(front._listenersOf().map(({ port }) => port)).toEqual([443, 5432]);
    expect(front._listenersOf('inside').map(({ port }) => port)).toEqual([443]);
    expect(passes(synth(chart))).toContainEqual(['0.0.0.0:5432', 'edge-own-istio-ingress-5432']);
  });
  test('of one entry leads to its gateway, and to nothing at other addresses', () => {
    const chart = chartOf();
    const front = frontOf(chart);
    front._addListener(5432, 'inside');
    expect(front._listenersOf('inside').map(({ port }) => port)).toEqual([443, 5432]);
    expect([undefined, 'partners'].map(entry => front._listenersOf(entry).map(({ port }) => port))).toEqual([[443], [443]]);
    const found = passes(synth(chart));
    expect(found).toContainEqual(['192.0.2.101:5432', 'edge-inside-istio-ingress-5432']);
    expect(found).toContainEqual(['0.0.0.0:5432', '_no_route']);
  });
});

describe('fails', () => {
  type Options = Partial<FrontEntryOptions>;
  const failing = (options: (chart: Chart) => Options, props: Partial<FrontProxyProps> = {}, first?: Options) => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), ...props });
    if (first) {
      front.addEntry(inside(chart, { gateway: second(chart, 'first'), ...first }));
    }
    const before = front.hostPorts;
    const message = messageOf(() => front.addEntry(inside(chart, options(chart))));
    expect(front.hostPorts).toEqual(before);
    return message;
  };

  test('without an address', () => expect(failing(() => ({ addresses: [] }))).toContain('list-empty: addresses of the entry'));
  test('with a text that is no address', () => expect(failing(() => ({ addresses: ['192.0.2.0/24'] }))).toContain('address-invalid'));
  test('with an address twice', () => expect(failing(() => ({ addresses: ['2001:db8::1', '2001:DB8:0::1'] }))).toContain('address-twice'));
  test('with the address of another entry', () => expect(failing(() => ({}), {}, { name: 'partners' }))
    .toContain('address-twice: 192.0.2.101 is an address of entry partners too'));
  test('with the name of another entry', () => expect(failing(() => ({ addresses: ['192.0.2.102'] }), {}, {})).toContain('entry-twice'));
  test('with a name that is no DNS label', () => expect(failing(() => ({ name: 'In side' }))).toContain('name-invalid'));
  test('with the gateway of the proxy itself', () => {
    const chart = chartOf();
    const gateway = second(chart);
    const front = new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway });
    expect(messageOf(() => front.addEntry(inside(chart, { gateway }))))
      .toContain('entry-gateway-twice: the front proxy itself has the gateway of this entry already, got "istio-ingress/edge-internal"');
  });
  test('with the gateway of another entry', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    const entry = inside(chart);
    front.addEntry(entry);
    expect(messageOf(() => front.addEntry({ ...entry, name: 'partners', addresses: ['192.0.2.102'] }))).toContain('entry-gateway-twice: entry inside has the gateway of this entry already');
  });
  test('with a gateway port that the gateway lacks', () =>
    expect(failing(() => ({ listeners: [{ port: 5432 }] }))).toContain('gateway-port-unknown'));
  test('with no port', () => expect(failing(() => ({ listeners: [] }))).toContain('list-empty: listeners'));
  test('with a port twice', () => expect(failing(() => ({ listeners: [{ port: 80 }, { port: 80, gatewayPort: 443 }] })))
    .toContain('port-twice: ports of the entry must not repeat a value, got "80"'));
  test('with the port of the health endpoint', () =>
    expect(failing(() => ({ listeners: [{ port: 340, gatewayPort: 443 }] }))).toContain('port-twice'));
  test('with an IPv6 address and ipv6: false', () =>
    expect(failing(() => ({ addresses: ['2001:db8::101'] }), { ipv6: false })).toContain('listener-without-ipv6'));
  test('with a gateway on the loopback address of other nodes', () => expect(failing(chart => ({
    gateway: new HostNetworkIngressGateway(chart, 'host', { nodes: EdgeNodes.named('other'), loopbackOnly: true, istio: { version: '1.31.0' } }),
  }))).toContain('gateway-on-other-nodes'));
});
