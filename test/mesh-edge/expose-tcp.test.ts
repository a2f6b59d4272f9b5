// exposeTcp(): which ports it opens, with Istio's own objects
import { chartOf, container, messageOf, only, podSpec, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, FrontHaproxy, HostNetworkIngressGateway, IngressGateway, MeshEdge, Monitoring, UpdateMode, VirtualAddress } from '../../src';
import type { ExposeTcpOptions, MeshEdgeProps } from '../../src';

const DATABASE: ExposeTcpOptions = { service: 'postgres', serviceNamespace: 'db', port: 5432 };
const BROKER: ExposeTcpOptions = { service: 'broker', serviceNamespace: 'iot', port: 8883, serverName: 'mqtt.example.com' };
const MONITORING = Monitoring.podMonitor({ from: ['10.0.0.0/8'] });
const ON_NODES = EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } });
/** T4: the gateways of the nodes answer clients themselves. */
const NO_FRONT: Partial<MeshEdgeProps> = { frontProxy: EdgeFrontProxy.none(), gateway: ON_NODES };

function exposed(then: (edge: MeshEdge) => unknown, props: Partial<MeshEdgeProps> = {}, chart = chartOf()): Manifest[] {
  then(new MeshEdge(chart, 'edge', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], ...props }));
  return synth(chart);
}

const portsOf = (service: Manifest) => service.spec.ports.map(({ name, port, targetPort }: Manifest) => [name, port, targetPort]);
const server = (manifests: Manifest[], name: string) => only(manifests, 'Gateway', name).spec.servers[0];
const textOf = (manifests: Manifest[], name: string, file: string): string => only(manifests, 'ConfigMap', name).data[file];

describe('a TCP service', () => {
  const manifests = () => exposed(edge => edge.exposeTcp(5432, DATABASE));

  test('has one server for all clients, and one route', () => {
    expect(server(manifests(), 'edge-tcp-5432')).toEqual({ hosts: ['*'], port: { number: 5432, name: 'tcp', protocol: 'TCP' } });
    expect(only(manifests(), 'VirtualService', 'edge-tcp-5432').spec).toEqual({
      hosts: ['*'],
      gateways: ['edge-tcp-5432'],
      tcp: [{ match: [{ port: 5432 }], route: [{ destination: { host: 'postgres.db.svc.cluster.local', port: { number: 5432 } } }] }],
    });
  });

  test('opens the port in both Services of the gateway', () => {
    for (const service of ['edge-gateway', 'edge-gateway-pods']) {
      expect(portsOf(only(manifests(), 'Service', service)).at(-1)).toEqual(['tcp-5432', 5432, 5432]);
    }
  });

  test.each<[string, EdgeFrontProxy, string, RegExp]>([
    ['envoy', EdgeFrontProxy.envoy(), 'front-envoy.yaml', /port_value: 5432/],
    ['haproxy', EdgeFrontProxy.haproxy(), 'front-haproxy.cfg', /bind .*:5432 /],
    ['nginx', EdgeFrontProxy.nginx(), 'front-nginx.conf', /listen .*:5432 /],
  ])('opens the port in %s, and its guard asks for it', (engine, frontProxy, file, expected) => {
    const written = exposed(edge => edge.exposeTcp(5432, DATABASE), { frontProxy });
    expect(textOf(written, `edge-front-${engine}`, file)).toMatch(expected);
    expect(container(only(written, 'DaemonSet', `edge-front-${engine}`), 'port-guard').command.slice(6)).toEqual(['80', '443', '5432', '340']);
  });

  test('keeps its connections when the virtual address moves', () =>
    expect(textOf(manifests(), 'edge-vip', 'handover-edge-1.nft')).toMatch(/80, 443, 5432/));

  test('is written the same in any place of the program', () => {
    const host = (edge: MeshEdge) => edge.expose('shop.example.com', { service: 'shop', port: 80 });
    const sorted = (then: (edge: MeshEdge) => unknown) => exposed(then).map(manifest => JSON.stringify(manifest)).sort();
    expect(sorted(edge => [edge.exposeTcp(5432, DATABASE), host(edge)])).toEqual(sorted(edge => [host(edge), edge.exposeTcp(5432, DATABASE)]));
  });

  test('gets into the alerts and the dashboard', () => {
    const written = exposed(edge => edge.exposeTcp(5432, DATABASE), { monitoring: MONITORING });
    expect(JSON.stringify(only(written, 'PrometheusRule'))).toContain('(80|443|5432)');
    expect(JSON.stringify(only(written, 'ConfigMap', 'edge-dashboard'))).toContain('(80|443|5432)');
  });

  test('returns its objects', () => {
    const chart = chartOf();
    const { apiObjects } = new MeshEdge(chart, 'edge', { nodes: TWO_NODES }).exposeTcp(5432, DATABASE);
    expect(apiObjects.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['Gateway edge-tcp-5432', 'VirtualService edge-tcp-5432']);
    expect(apiObjects.map(({ node }) => node.path)).toEqual(['edge/edge/tcp-5432/Gateway', 'edge/edge/tcp-5432/VirtualService']);
  });
});

describe('TLS services of one port', () => {
  const manifests = () => exposed(edge => {
    edge.exposeTcp(8883, BROKER);
    edge.exposeTcp(8883, { ...BROKER, serverName: '*.example.org', tlsSecretName: 'org-tls', port: 1883 });
  });

  test('pass through by server name', () => {
    expect(server(manifests(), 'edge-tcp-8883-mqtt-example-com')).toEqual({
      hosts: ['mqtt.example.com'], port: { number: 8883, name: 'tls', protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' },
    });
    expect(only(manifests(), 'VirtualService', 'edge-tcp-8883-mqtt-example-com').spec).toMatchObject({
      hosts: ['mqtt.example.com'],
      tls: [{ match: [{ port: 8883, sniHosts: ['mqtt.example.com'] }], route: [{ destination: { host: 'broker.iot.svc.cluster.local', port: { number: 8883 } } }] }],
    });
  });

  test('can end at the gateway, which has the certificate', () => {
    expect(server(manifests(), 'edge-tcp-8883-wildcard---example-org')).toEqual({
      hosts: ['*.example.org'], port: { number: 8883, name: 'tls', protocol: 'TLS' }, tls: { mode: 'SIMPLE', credentialName: 'org-tls' },
    });
    expect(only(manifests(), 'VirtualService', 'edge-tcp-8883-wildcard---example-org').spec).toMatchObject({
      hosts: ['*.example.org'], tcp: [{ match: [{ port: 8883 }], route: [{ destination: { port: { number: 1883 } } }] }],
    });
  });

  test('open the port once', () => {
    expect(portsOf(only(manifests(), 'Service', 'edge-gateway')).map(([name]: string[]) => name)).toEqual(['status-port', 'http2', 'https', 'tcp-8883']);
    expect(textOf(manifests(), 'edge-front-envoy', 'front-envoy.yaml').match(/name: tcp-8883$/gm)).toHaveLength(1);
  });

  test('can be one for all server names', () =>
    expect(server(exposed(edge => edge.exposeTcp(6380, { service: 'redis', port: 6379, tlsSecretName: 'redis-tls' })), 'edge-tcp-6380')).toEqual({
      hosts: ['*'], port: { number: 6380, name: 'tls', protocol: 'TLS' }, tls: { mode: 'SIMPLE', credentialName: 'redis-tls' },
    }));
});

describe('a port', () => {
  test('below 1024 has one above 8000 in the pods, which have no privilege', () =>
    expect(portsOf(only(exposed(edge => edge.exposeTcp(25, { service: 'mail', port: 25 })), 'Service', 'edge-gateway'))).toContainEqual(['tcp-25', 25, 8025]));

  test('that the pods have for HTTPS already gets another one there', () => {
    const manifests = exposed(edge => edge.exposeTcp(8443, BROKER), { preserveClientAddress: true });
    expect(portsOf(only(manifests, 'Service', 'edge-gateway')).at(-1)).toEqual(['tcp-8443', 8443, 18443]);
    expect(textOf(manifests, 'edge-front-envoy', 'front-envoy.yaml')).toMatch(/port_value: 18443/);
  });

  test.each([[60_000, 60_000, 5488], [5001, 5001, 25_001]])('%d, whose target port %d another listener has, gets %d in the pods', (port, targetPort, expected) => {
    const gateway = EdgeGateway.podNetwork({ listeners: [{ port: 80, targetPort }, { port: 443 }] });
    expect(portsOf(only(exposed(edge => edge.exposeTcp(port, DATABASE), { gateway }), 'Service', 'edge-gateway')).at(-1)).toEqual([`tcp-${port}`, port, expected]);
  });

  test.each([[5021, 25_021], [65_535, 11_023]])('%d, above which a local gateway cannot open the port that is 10000 higher, gets %d there', (port, expected) => {
    const manifests = exposed(edge => edge.exposeTcp(port, DATABASE), { gateway: ON_NODES });
    expect(portsOf(only(manifests, 'Service', 'edge-gateway')).at(-1)).toEqual([`tcp-${port}`, port, expected]);
  });

  test('passes the source policy of the gateway, whichever is called first', () => {
    const policyOf = (then: (edge: MeshEdge) => unknown) => only(exposed(then), 'NetworkPolicy').spec.ingress[0].ports.map(({ port }: Manifest) => port);
    const allow = (edge: MeshEdge) => edge.ingressGateway!.allowTrafficOnlyFrom(TWO_NODES);
    expect(policyOf(edge => [allow(edge), edge.exposeTcp(5432, DATABASE)])).toEqual([8080, 8443, 5432]);
    expect(policyOf(edge => [edge.exposeTcp(5432, DATABASE), allow(edge)])).toEqual([8080, 8443, 5432]);
  });

  test('of a gateway on the nodes is open there', () => {
    const manifests = exposed(edge => edge.exposeTcp(5432, DATABASE), NO_FRONT);
    expect(portsOf(only(manifests, 'Service', 'edge-gateway')).at(-1)).toEqual(['tcp-5432', 5432, 5432]);
    expect(server(manifests, 'edge-tcp-5432').bind).toBeUndefined();
    expect(textOf(manifests, 'edge-vip', 'handover-edge-1.nft')).toMatch(/80, 443, 5432/);
  });

  test('of a local gateway is open on loopback only, at a port of its own', () => {
    const manifests = exposed(edge => edge.exposeTcp(5432, DATABASE), { gateway: ON_NODES });
    expect(portsOf(only(manifests, 'Service', 'edge-gateway')).at(-1)).toEqual(['tcp-5432', 5432, 15432]);
    expect(server(manifests, 'edge-tcp-5432').bind).toBe('127.0.0.1');
    expect(textOf(manifests, 'edge-front-envoy', 'front-envoy.yaml')).toMatch(/port_value: 15432/);
    expect(podSpec(only(manifests, 'DaemonSet', 'edge-gateway')).securityContext.runAsNonRoot).toBe(true);
  });

  test('below 1024 gives a gateway on the nodes the privilege that it lacked', () => {
    const gateway = EdgeGateway.edgeNodes({ istio: { version: '1.31.0' }, listeners: [{ port: 80, targetPort: 8080 }, { port: 443, targetPort: 8443 }] });
    const specOf = (then: (edge: MeshEdge) => unknown) => podSpec(only(exposed(then, { ...NO_FRONT, gateway }), 'DaemonSet', 'edge-gateway'));
    expect(specOf(() => undefined).containers[0].securityContext).toMatchObject({ runAsUser: 1337, capabilities: { drop: ['ALL'] } });
    const spec = specOf(edge => edge.exposeTcp(25, { service: 'mail', port: 25 }));
    expect(spec.securityContext.runAsNonRoot).toBe(false);
    expect(spec.containers[0].securityContext).toMatchObject({
      runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    });
  });

  test('is declared where the scheduler keeps pods apart by it', () => {
    const manifests = exposed(edge => edge.exposeTcp(5432, DATABASE), { frontProxy: EdgeFrontProxy.envoy({ updateMode: UpdateMode.REPLACE }) });
    expect(container(only(manifests, 'DaemonSet', 'edge-front-envoy')).ports.map(({ hostPort }: Manifest) => hostPort)).toEqual([80, 443, 5432]);
  });

  test.each<[string, Partial<MeshEdgeProps>]>([
    ['every front proxy', { frontProxy: EdgeFrontProxy.haproxy({ updateMode: UpdateMode.REPLACE }) }],
    ['a gateway on the nodes', { frontProxy: EdgeFrontProxy.none(), gateway: ON_NODES }],
  ])('gives the same bytes in any order of the calls, with %s', (_, props) => {
    const bytes = (ports: number[]) =>
      exposed(edge => ports.forEach(port => edge.exposeTcp(port, DATABASE)), props).map(object => JSON.stringify(object)).sort();
    expect(bytes([9000, 25, 5432])).toEqual(bytes([25, 5432, 9000]));
  });

  test.each<[string, Partial<MeshEdgeProps>, number[]]>([
    ['the pod network', {}, [25, 8025]],
    ['127.0.0.1', { gateway: ON_NODES }, [25, 64_537]],
  ])('that wants the target port of another one, on %s, leaves it to the lower one in any order', (_, props, [lower, higher]) => {
    const manifests = (ports: number[]) => exposed(edge => ports.forEach(port => edge.exposeTcp(port, DATABASE)), props);
    const [first, second] = [manifests([lower, higher]), manifests([higher, lower])];
    const targetsOf = (objects: Manifest[]) => Object.fromEntries(portsOf(only(objects, 'Service', 'edge-gateway')).map(([, port, target]: number[]) => [port, target]));
    const wanted = targetsOf(manifests([lower]))[lower];
    expect(targetsOf(manifests([higher]))[higher]).toBe(wanted);
    expect(targetsOf(second)).toMatchObject({ [lower]: wanted, [higher]: wanted + 10_000 });
    expect(second.map(object => JSON.stringify(object)).sort()).toEqual(first.map(object => JSON.stringify(object)).sort());
  });

  test('of an existing gateway is used as its Service has it', () => {
    const chart = chartOf();
    const listeners = [{ port: 80, targetPort: 8080 }, { port: 5432, targetPort: 15432 }];
    const gateway = EdgeGateway.existing(IngressGateway.fromService(chart, 'adopted', { name: 'gw', headlessName: 'gw-pods', listeners }));
    const manifests = exposed(edge => edge.exposeTcp(5432, DATABASE), { gateway }, chart);
    expect(server(manifests, 'edge-tcp-5432').port.number).toBe(5432);
    expect(textOf(manifests, 'edge-front-envoy', 'front-envoy.yaml')).toMatch(/port_value: 15432/);
  });

  test('that the user gave both parts already stays as it is', () => {
    const listeners = [{ port: 80 }, { port: 443 }, { port: 5432 }];
    const given = { frontProxy: EdgeFrontProxy.envoy({ listeners }), gateway: EdgeGateway.podNetwork({ listeners }) };
    const manifests = exposed(edge => edge.exposeTcp(5432, DATABASE), given);
    expect(portsOf(only(manifests, 'Service', 'edge-gateway')).map(([name]: string[]) => name)).toEqual(['status-port', 'http2', 'https', 'tcp-5432']);
  });

  test('opens at this edge only, not at another front proxy of the same gateway', () => {
    const chart = chartOf();
    const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES });
    new FrontHaproxy(chart, 'other', { nodes: EdgeNodes.named('other-1'), gateway: edge.gateway });
    edge.exposeTcp(5432, DATABASE);
    expect(textOf(synth(chart), 'edge-other', 'front-haproxy.cfg')).not.toContain('5432');
  });
});

describe('fails', () => {
  const failing = (then: (edge: MeshEdge) => unknown, props: Partial<MeshEdgeProps> = {}) => messageOf(() => exposed(then, props));

  test('at the call for a port that the front proxy cannot open, and adds nothing', () => {
    const edge = new MeshEdge(chartOf(), 'edge', { nodes: TWO_NODES });
    expect(messageOf(() => edge.exposeTcp(340, DATABASE))).toContain('port-twice');
    expect(edge.node.tryFindChild('tcp-340')).toBeUndefined();
  });
  test.each<[string, number, Partial<ExposeTcpOptions>, string]>([
    ['for a port out of range', 70_000, {}, '[edge/edge] port-out-of-range: edgePort'],
    ['for the port of HTTP', 80, {}, 'port-reserved-by-edge: this port belongs to expose(), got 80; choose another port'],
    ['for the port of HTTPS', 443, { serverName: 'a.example.com' }, 'got 443; choose another port, or call exposeTlsPassthrough()'],
    ['for the health port of the front proxy', 340, {}, 'port-twice: the health endpoint (healthPort) has the port of a listener, got 340; give each of them a port of its own'],
    ['for a port of Istio', 15021, {}, 'port-reserved-by-istio: edgePort is reserved by Istio\'s proxy (health checks), got 15021'],
    ['for a server name that is no name', 8883, { serverName: 'MQTT' }, 'host-invalid'],
    ['for a short server name', 8883, { serverName: 'mqtt' }, 'host-invalid: istiod refuses a serverName that is a short name'],
    ['for a wildcard in the middle', 8883, { serverName: 'a.*.example.com' }, 'host-wildcard-invalid'],
    ['for a Secret of another namespace', 8883, { tlsSecretName: 'other/tls' }, 'tls-secret-namespace: tlsSecretName contains a namespace'],
    ['for a service that is no name', 5432, { service: 'a.b' }, 'name-invalid: service'],
    ['for a port of the service out of range', 5432, { port: 0 }, 'port-out-of-range: port'],
    ['for an unknown option', 5432, { host: 'a.example.com' } as Partial<ExposeTcpOptions>, 'option-unknown: unknown option host'],
  ])('%s', (_, port, options, expected) => expect(failing(edge => edge.exposeTcp(port, { ...DATABASE, ...options }))).toContain(expected));

  test.each([[22, 'sshd'], [10250, 'kubelet']])('for the port %d of the nodes\' own daemons, also with a gateway on the nodes', (port, owner) => {
    const expected = `[edge/edge] port-reserved-by-node: edgePort is the port of a daemon of every node (${owner}), got ${port}; choose another port`;
    expect(failing(edge => edge.exposeTcp(port, DATABASE))).toContain(expected);
    expect(failing(edge => edge.exposeTcp(port, DATABASE), { gateway: ON_NODES, frontProxy: EdgeFrontProxy.none() })).toContain(expected);
  });

  test.each<[string, number, (edge: MeshEdge) => unknown]>([
    ['of its own ports', 10_443, edge => edge.exposeTcp(10_443, DATABASE)],
    ['of an added port', 10_025, edge => [edge.exposeTcp(25, DATABASE), edge.exposeTcp(10_025, DATABASE)]],
  ])('for a port of the nodes on which the gateway behind the front proxy listens instead %s', (_, port, then) =>
    expect(failing(then, { gateway: ON_NODES })).toMatch(
      new RegExp(`^\\[edge/edge\\] host-port-clash: the gateway has this port of the nodes' loopback address for its port \\d+, got ${port}; choose another port$`)));

  test('for no port of a daemon that both parts list', () => {
    const listeners = [{ port: 80 }, { port: 22 }];
    const gateway = EdgeGateway.podNetwork({ listeners });
    const message = (frontProxy: EdgeFrontProxy) => failing(edge => edge.exposeTcp(22, DATABASE), { frontProxy, gateway });
    expect(message(EdgeFrontProxy.envoy({ listeners }))).toBe('');
    expect(message(EdgeFrontProxy.envoy({ listeners: [{ port: 80 }] }))).toContain('port-reserved-by-node');
  });

  test('for the metrics port of the front proxy', () =>
    expect(failing(edge => edge.exposeTcp(341, DATABASE), { monitoring: MONITORING })).toContain('port-twice: metrics (metrics.port) has the port of a listener, got 341'));

  test('once, with a fix that fits the port', () => {
    const message = (port: number) => failing(edge => edge.exposeTcp(port, DATABASE));
    expect(message(70_000)).toMatch(/^\[edge\/edge\] port-out-of-range: .*$/);
    expect(message(80)).toMatch(/; choose another port$/m);
    expect(message(443)).toMatch(/; choose another port, or call exposeTlsPassthrough\(\).*$/m);
  });

  test('once for a third service that does not fit the other two', () =>
    expect(failing(edge => [BROKER, { ...BROKER, serverName: 'b.example.com' }, DATABASE].forEach(service => edge.exposeTcp(7000, service)))).toMatch(/^\[edge\/edge\] port-protocol-mixed: .*$/));

  test('for two services on one port', () =>
    expect(failing(edge => [edge.exposeTcp(5432, DATABASE), edge.exposeTcp(5432, { ...DATABASE, service: 'other' })])).toContain(
      '[edge/edge] port-twice: this port has a service already, got 5432; use another port, or give TLS services of one port a serverName each'));

  test('for one server name twice on a port, but not on two ports', () => {
    expect(failing(edge => [edge.exposeTcp(8883, BROKER), edge.exposeTcp(8883, BROKER)])).toContain(
      'route-twice: port 8883 has a service with this server name already, got "mqtt.example.com"');
    expect(failing(edge => [edge.exposeTcp(8883, BROKER), edge.exposeTcp(8884, BROKER)])).toBe('');
  });

  test.each([
    ['TLS after TCP', [DATABASE, BROKER], 'port-protocol-mixed: port 7000 has a service without TLS already, got "mqtt.example.com"'],
    ['TLS for every server name after TCP', [DATABASE, { ...DATABASE, tlsSecretName: 'tls' }], 'port-protocol-mixed: port 7000 has a service without TLS already, got "tlsSecretName"'],
    ['TCP after TLS', [BROKER, DATABASE], 'port-protocol-mixed: port 7000 has a service with TLS already, got "neither serverName nor tlsSecretName"'],
  ])('for %s on one port', (_, services, expected) =>
    expect(failing(edge => services.forEach(service => edge.exposeTcp(7000, service)))).toContain(expected));

  test('where an existing gateway lacks the port', () => {
    const chart = chartOf();
    const gateway = EdgeGateway.existing(IngressGateway.fromService(chart, 'adopted', { name: 'gw' }));
    expect(messageOf(() => exposed(edge => edge.exposeTcp(5432, DATABASE), { gateway }, chart))).toContain(
      'gateway-port-unknown: gateway edge/adopted is not the edge\'s own, and has no listener with this port, got 5432; add the port to its Service and to its listeners, which are 80, 443');
  });

  test('where the front proxy sends the port elsewhere', () => {
    const frontProxy = EdgeFrontProxy.envoy({ listeners: [{ port: 80 }, { port: 8443, gatewayPort: 443 }] });
    expect(failing(edge => edge.exposeTcp(8443, BROKER), { frontProxy })).toContain(
      'gateway-port-unreachable: the listener 8443 of edge/edge/front-envoy forwards to another port of the gateway, got 443');
  });

  test('where another construct has the port on the nodes, and names both', () => {
    const chart = chartOf();
    new HostNetworkIngressGateway(chart, 'other', { nodes: TWO_NODES, istio: { version: '1.31.0' }, listeners: [{ port: 5432 }] });
    const message = messageOf(() => exposed(edge => edge.exposeTcp(5432, DATABASE), {}, chart));
    expect(message).toContain('[edge/edge/front-envoy] host-port-clash: tcp 5432');
    expect(message).toContain('is also used by edge/other');
  });

  test('for one port of two edges with one gateway', () => {
    const chart = chartOf();
    const gateway = EdgeGateway.existing(IngressGateway.fromService(chart, 'adopted', { name: 'gw', listeners: [{ port: 80 }, { port: 5432 }] }));
    for (const [number, id] of ['one', 'two'].entries()) {
      new MeshEdge(chart, id, { nodes: EdgeNodes.named(`edge-${number}`), gateway }).exposeTcp(5432, DATABASE);
    }
    expect(messageOf(() => synth(chart))).toContain('[edge/two] port-twice: this port has a service already, from edge/one with the same gateway, got 5432');
  });

  test('where another path reaches the service by TLS', () =>
    expect(failing(edge => {
      edge.expose('shop.example.com', { service: 'shop', port: 8443, backendTls: { serverName: 'shop.internal' } });
      edge.exposeTcp(9000, { service: 'shop', port: 8443 });
    })).toContain('backend-tls-conflict'));
});
