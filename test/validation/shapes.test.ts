// wrong shapes and unknown keys: an error with path and code, whatever the compiler was told
import { readFileSync } from 'fs';
import { runInNewContext } from 'vm';
import { Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { chartOf, frontProps, messageOf, TWO_NODES } from '../../sandbox/synth';
import { renderTypeTable, TABLE_FILE } from '../../scripts/type-table';
import * as edge from '../../src';
import {
  EdgeCertificate, EdgeFleet, EdgeFrontProxy, EdgeGateway, EdgeNodes, FrontEnvoy, Handover, HostPort, IngressGateway,
  KeepalivedVip, Monitoring, RouteApi, VirtualAddress,
} from '../../src';
import type { EdgeNode, FrontEnvoyProps, IHostListener } from '../../src';

test('the table of types is that of the sources: npx projen compile writes it', () => {
  const packages: { [name: string]: object } = { 'cdk8s-istio-edge': edge, 'cdk8s-plus-27': kplus };
  const table = renderTypeTable((packageName, enumName) => (packages[packageName] as { [name: string]: object })[enumName]);
  expect(readFileSync(TABLE_FILE, 'utf8')).toBe(table);
});

const front = (given: object) => messageOf(() => {
  const chart = chartOf();
  new FrontEnvoy(chart, 'front', { ...frontProps(chart), ...given });
});

describe('an option that is not known', () => {
  test.each([
    ['unmatchdServerName',
      'option-unknown: unknown option unmatchdServerName; did you mean unmatchedServerName?'],
    ['maxConnection', 'option-unknown: unknown option maxConnection; did you mean maxConnections?'],
    ['interface', 'option-unknown: unknown option interface; expected one of annotations,'],
  ])('fails for %s', (option, expected) => expect(front({ [option]: 1 })).toContain(`[edge/front] ${expected}`));

  test('fails in nested structs too, all at once', () =>
    expect(front({ resources: { requests: { cpu: '500m' } }, listeners: [{ port: 80 }, { port: 443, gatewayPorts: 443 }] }).split('\n')).toEqual([
      '[edge/front] option-unknown: unknown option resources.requests; expected one of cpu, ephemeralStorage, memory',
      '[edge/front] option-unknown: unknown option listeners[1].gatewayPorts; did you mean gatewayPort?',
    ]));
  test('fails in value classes', () => {
    expect(messageOf(() => VirtualAddress.of('192.0.2.100', { interface: 'eth0' } as object))).toBe('[VirtualAddress.of()] option-unknown: unknown option interface; did you mean networkInterface?');
    expect(messageOf(() => EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', interface: 'eth0' } as EdgeNode)))
      .toBe('[EdgeNodes.of()] option-unknown: unknown option nodes[0].interface; did you mean networkInterface?');
  });
  test.each([
    ['EdgeFrontProxy.haproxy', () => EdgeFrontProxy.haproxy({ maxConnection: 5 } as object)],
    ['EdgeGateway.podNetwork', () => EdgeGateway.podNetwork({ maxConnection: 5 } as object)],
    ['Handover.seamless', () => Handover.seamless({ maxConnection: 5 } as object)],
    ['RouteApi.gatewayApi', () => RouteApi.gatewayApi({ maxConnection: 5 } as object)],
  ])('fails in %s(), and names this call, because there is no construct yet', (call, make) =>
    expect(messageOf(make)).toMatch(new RegExp(`^\\[${call}\\(\\)\\] option-unknown: unknown option maxConnection;`)));
  test('may be there if it is undefined', () => expect(front({ nothing: undefined })).toBe(''));
  test('fails for a subclass that passes on its own props, and says how not to', () => {
    class Own extends FrontEnvoy {
      constructor(scope: Construct, id: string, props: FrontEnvoyProps & { readonly team: string }) {
        super(scope, id, props);
      }
    }
    class Careful extends FrontEnvoy {
      constructor(scope: Construct, id: string, props: FrontEnvoyProps & { readonly team: string }) {
        const { team: _, ...rest } = props;
        super(scope, id, rest);
      }
    }
    const chart = chartOf();
    const props = { ...frontProps(chart), team: 'edge' };
    expect(messageOf(() => new Own(chart, 'front', props))).toMatch(/^\[edge\/front\] option-unknown: unknown option team; .*If it is an option of Own, do not pass it on: const \{ mine, \.\.\.rest \} = props; super\(scope, id, rest\)$/);
    expect(messageOf(() => new Careful(chart, 'front', props))).toBe('');
    const wrong = (given: object) => messageOf(() => new Own(chart, 'other', { ...props, team: undefined as never, ...given }));
    expect(messageOf(() => new Own(chart, 'front', props))).toMatch(/expected one of ([a-zA-Z0-9]+, )+[a-zA-Z0-9]+\. If it is/);
    expect(wrong({ maxConnection: 1 })).toContain('; did you mean maxConnections? If it is an option of Own, do not pass it on');
    expect(wrong({ replicas: '2' })).toBe('[edge/other] type-wrong: invalid replicas "2"; expected a number');
  });
});

describe('a value of the wrong type', () => {
  test.each<[string, object, string]>([
    ['a text for a boolean', { ipv6: 'false' },
      'type-wrong: invalid ipv6 "false"; expected true or false'],
    ['a text for a number', { replicas: '2' }, 'type-wrong: invalid replicas "2"; expected a number'],
    ['NaN', { replicas: NaN }, 'type-wrong: invalid replicas NaN; expected a number'],
    ['null', { image: null }, 'type-wrong: invalid image null; expected a string'],
    ['a text for a Cpu', { resources: { cpu: { request: '500m' } } },
      'type-wrong: invalid resources.cpu.request "500m"; expected Cpu.millis() or Cpu.units()'],
    ['another class', { resources: { cpu: { request: Size.mebibytes(1) } } },
      'type-wrong: invalid resources.cpu.request "instance of Size"; expected Cpu.millis()'],
    ['an object for an array', { listeners: { port: 80 } },
      'type-wrong: invalid listeners {"port":80}; expected an array, each element an object { port }'],
    ['an array with nothing in it', { listeners: [undefined] },
      'type-wrong: invalid listeners[0] undefined; expected an object { port }'],
    ['an instance for a struct', { resources: kplus.Cpu.millis(1) },
      'type-wrong: invalid resources "instance of Cpu"; expected an object { cpu, ephemeralStorage, memory }'],
    ['a Map for a map', { labels: new Map() },
      'type-wrong: invalid labels "instance of Map"; expected an object, each value a string'],
    ['nothing for a map', { labels: null }, 'type-wrong: invalid labels null; expected an object, each value a string'],
    ['a number in a map', { labels: { team: 5 } }, 'type-wrong: invalid labels["team"] 5; expected a string'],
    ['an object that has one member of a gateway', { gateway: { selector: {} } }, 'type-wrong: invalid gateway {"selector":{}}; expected an IIngressGateway'],
    ['a text for a gateway', { gateway: 'name' },
      'type-wrong: invalid gateway "name"; expected an IIngressGateway (HostNetworkIngressGateway,'],
    ['an object for a gateway', { gateway: {} }, 'type-wrong: invalid gateway {}; expected an IIngressGateway'],
    ['no gateway', { gateway: undefined }, 'option-missing: gateway is missing; expected an IIngressGateway'],
    ['a pull policy that is none', { imagePullPolicy: 'Sometimes' },
      'value-unknown: invalid imagePullPolicy "Sometimes"; expected Always, IfNotPresent or Never'],
  ])('fails for %s', (_, given, expected) => expect(front(given)).toContain(`[edge/front] ${expected}`));

  test('fails for a text where only one call makes the value, and names this call', () =>
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: ['192.0.2.100' as never] })))
      .toBe('[edge/vip] type-wrong: invalid virtualAddresses[0] "192.0.2.100"; expected VirtualAddress.of()'));
  test.each<[string, () => never, RegExp]>([
    ['an error', () => { throw new Error('not today'); }, /^\[edge\/gateway\] type-wrong: .*cannot be read, got "not today"; expected plain objects/],
    ['a text', () => { throw 'not today'; }, /^\[edge\/gateway\] type-wrong: .*cannot be read, got undefined; expected plain objects/],
  ])('fails for an option whose getter throws %s', (_, get, expected) =>
    expect(messageOf(() => new IngressGateway(chartOf(), 'gateway', Object.defineProperty({}, 'replicas', { enumerable: true, get })))).toMatch(expected));
  test('fails for a scope whose path cannot be read', () => {
    const scope = Object.defineProperty({}, 'node', { get: () => { throw new Error('not today'); } });
    expect(messageOf(() => new IngressGateway(scope as Construct, 'gateway'))).toBe('[gateway] type-wrong: invalid scope {}; expected a Construct');
    expect(messageOf(() => new IngressGateway({} as Construct, 'gateway'))).toBe('[gateway] type-wrong: invalid scope {}; expected a Construct');
  });
  test('fails for an id that is no text, or the name of a member of every object', () => {
    expect(messageOf(() => new IngressGateway(chartOf(), Object.create(null)))).toBe('[edge] type-wrong: invalid id {}; expected a string');
    expect(messageOf(() => new IngressGateway(chartOf(), 'constructor'))).toMatch(/^\[edge\/constructor\] name-invalid: id is .*, got "constructor"; give another id/);
  });
  test('fails for a circular object, a BigInt and a symbol', () => {
    const circular: { self?: object } = {};
    circular.self = circular;
    expect(front({ replicas: circular })).toBe('[edge/front] type-wrong: invalid replicas an object that refers to itself; expected a number');
    expect(front({ replicas: 3n })).toContain('invalid replicas 3;');
    expect(front({ replicas: [3n] })).toContain('invalid replicas ["3n"];');
    expect(front({ replicas: Symbol('x') })).toContain('invalid replicas Symbol(x);');
  });
  test('fails for a function that was not called, and does not print its source', () =>
    expect(front({ gateway: EdgeFrontProxy.haproxy })).toContain('type-wrong: invalid gateway function haproxy; expected'));
  test('fails for nodes that are names', () =>
    expect(messageOf(() => EdgeNodes.of('edge-1' as unknown as EdgeNode))).toBe('[EdgeNodes.of()] type-wrong: invalid nodes[0] "edge-1"; expected an object { address, hostname }'));
  test('fails for what cannot be tracked, and for a site that is none', () => {
    const vip = new KeepalivedVip(chartOf(), 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
    expect(messageOf(() => vip.track(undefined as unknown as IHostListener))).toContain('[edge/vip] option-missing: listener is missing; expected an IHostListener');
    expect(messageOf(() => new EdgeFleet().addSite('a', undefined as never))).toBe('[EdgeFleet.addSite()] option-missing: site is missing; expected an object with makeCharts()');
    expect(messageOf(() => new EdgeFleet().addSite(undefined as never, { makeCharts: () => {} }))).toBe('[EdgeFleet.addSite()] option-missing: name is missing; expected a string');
  });
  test('fails before anything is in the tree', () => {
    const chart = chartOf();
    expect(messageOf(() => new FrontEnvoy(chart, 'front', 5 as unknown as FrontEnvoyProps))).toContain('type-wrong: invalid props 5');
    expect(messageOf(() => new FrontEnvoy(chart, '', frontProps(chartOf())))).toBe('[edge] name-invalid: id must not be empty; give an id, such as edge');
    expect(messageOf(() => new FrontEnvoy(undefined as unknown as Construct, 'front', frontProps(chartOf())))).toBe('[front] option-missing: scope is missing; expected a Construct');
    expect(chart.node.children).toEqual([]);
  });
});

describe('a class of another package with the name of one of cdk8s', () => {
  const foreign = (name: string) => new ({ [name]: class { public readonly seconds = 30; } }[name])();
  test.each([
    ['Duration', { drainTimeout: foreign('Duration') }, 'type-wrong: invalid drainTimeout'],
    ['Size', { resources: { memory: { limit: foreign('Size') } } }, 'type-wrong: invalid resources.memory.limit'],
    ['Cpu', { resources: { cpu: { limit: foreign('Cpu') } } }, 'type-wrong: invalid resources.cpu.limit'],
    ['Duration, by a member', { drainTimeout: { constructor: { name: 'Duration' } } }, 'type-wrong: invalid drainTimeout'],
  ])('fails for a %s', (_, given, expected) => expect(front(given)).toContain(`[edge/front] ${expected}`));
});

describe('accepted are', () => {
  test('values of an enum, by name', () => expect(front({ imagePullPolicy: 'IfNotPresent' })).toBe(''));
  test('an instance of a class of the user\'s in the place of a struct', () => {
    class Props {
      public readonly note = 'mine';
      public readonly image = 'envoy:v1';
    }
    expect(messageOf(() => new IngressGateway(chartOf(), 'gateway', new Props()))).toBe('');
  });
  test('objects without a prototype, and those of another realm', () => {
    const bare = Object.assign(Object.create(null), { replicas: 2, drainTimeout: Duration.seconds(20) });
    expect(messageOf(() => new IngressGateway(chartOf(), 'gateway', bare))).toBe('');
    expect(messageOf(() => new IngressGateway(chartOf(), 'gateway', runInNewContext('({ replicas: 2, labels: { team: "edge" } })')))).toBe('');
  });
  test('a listener that implements the interface itself, as from Python', () => {
    const config = new FrontEnvoy(chartOf(), 'front', frontProps(chartOf())).toHostListenerConfig();
    const listener = Object.defineProperties({}, { node: { value: { path: 'mine' } }, toHostListenerConfig: { value: () => config } });
    const vip = new KeepalivedVip(chartOf(), 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
    expect(messageOf(() => vip.track(listener as IHostListener))).toBe('');
  });
});

test.each([
  ['EdgeNodes.of()', () => EdgeNodes.of()],
  ['EdgeNodes.named()', () => EdgeNodes.named()],
  ['EdgeNodes.labeled()', () => EdgeNodes.labeled({})],
  ['EdgeNodes.dedicated()', () => TWO_NODES.dedicated('a b')],
  ['VirtualAddress.of()', () => VirtualAddress.of('192.0.2.100/24')],
  ['HostPort.tcp()', () => HostPort.tcp(0)],
  ['HostPort.loopback()', () => HostPort.loopback(0)],
  ['HostPort.loopback()', () => HostPort.loopback(1, '192.0.2.1')],
  ['Monitoring.podMonitor()', () => Monitoring.podMonitor({ from: [] })],
  ['Monitoring.annotations()', () => Monitoring.annotations({ from: [] })],
  ['EdgeCertificate.issuer()', () => EdgeCertificate.issuer('A b')],
  ['EdgeCertificate.clusterIssuer()', () => EdgeCertificate.clusterIssuer('A b')],
  ['Handover.seamless()', () => Handover.seamless({ image: 'A b' })],
  ['RouteApi.gatewayApi()', () => RouteApi.gatewayApi({ revision: 'A b' })],
])('a wrong value in %s is an error that names this call', (call, make) => expect(messageOf(make).startsWith(`[${call}] `)).toBe(true));
