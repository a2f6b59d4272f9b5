import { Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { chartOf, container, frontProps, messageOf, only, podSpec, synth, TWO_NODES, yamlOf } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { AccessLog, EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, HostNetworkIngressGateway, IngressGateway, UnmatchedServerName, UpdateMode } from '../../src';
import type { FrontProxy, FrontProxyProps, HostNetworkIngressGatewayProps } from '../../src';
import { FRONT_HEALTH } from '../../src/front/plan';

const ENGINES = [
  { name: 'front-envoy', Front: FrontEnvoy, file: 'front-envoy.yaml', image: /^docker\.io\/envoyproxy\/envoy:v\d/ },
  { name: 'front-haproxy', Front: FrontHaproxy, file: 'front-haproxy.cfg', image: /^docker\.io\/library\/haproxy:\d/ },
  { name: 'front-nginx', Front: FrontNginx, file: 'front-nginx.conf', image: /^docker\.io\/library\/nginx:\d/ },
];

describe.each(ENGINES)('$name', ({ name, Front, file, image }) => {
  function manifestsOf(props: Partial<FrontProxyProps> = {}, then?: (front: FrontProxy) => void): Manifest[] {
    const chart = chartOf();
    const front = new Front(chart, name, { ...frontProps(chart), ...props });
    then?.(front);
    return synth(chart);
  }
  let manifests: Manifest[];
  let daemonSet: Manifest;
  beforeAll(() => {
    manifests = manifestsOf();
    daemonSet = only(manifests, 'DaemonSet');
  });
  const config = (found: Manifest[]): string => only(found, 'ConfigMap').data[file];

  test('matches its snapshot', () => expect(yamlOf(container(daemonSet))).toMatchSnapshot());

  test('runs its default image, pinned by tag', () => {
    expect(container(daemonSet).image).toMatch(image);
    expect(container(daemonSet).imagePullPolicy).toBe('IfNotPresent');
  });
  test('mounts every file of its ConfigMap by subPath, its configuration at /etc', () => {
    const files = Object.keys(only(manifests, 'ConfigMap').data);
    expect(files).toContain(file);
    const mounts = [container(daemonSet), container(daemonSet, 'port-guard')].flatMap(one => one.volumeMounts).filter((mount: Manifest) => mount.name === 'config');
    expect(mounts.map((mount: Manifest) => mount.mountPath).sort()).toEqual(files.map(name_ => `/etc/${name_}`).sort());
    expect(mounts.every((mount: Manifest) => mount.subPath && mount.readOnly)).toBe(true);
  });
  test('is on the host network, root with one capability, everything read-only', () => {
    expect(podSpec(daemonSet)).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', automountServiceAccountToken: false });
    expect(container(daemonSet).securityContext).toMatchObject({
      runAsUser: 0, runAsNonRoot: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    });
  });
  test.each([
    [['NET_BIND_SERVICE'], 8443, undefined],
    [['NET_BIND_SERVICE'], 8443, 900],
    [['NET_BIND_SERVICE'], 443, 18_021],
    [undefined, 8443, 18_021],
  ])('has the capability %j with a listener on %d and the health port %p', (add, port, healthPort) => {
    const found = only(manifestsOf({ healthPort, listeners: [{ port, gatewayPort: 443 }] }), 'DaemonSet');
    expect(container(found).securityContext).toMatchObject({ runAsUser: 0, capabilities: { drop: ['ALL'] } });
    expect(container(found).securityContext.capabilities.add).toEqual(add);
  });
  test('has a health port that no unprivileged process and no client of RPC can take', () => {
    expect(FRONT_HEALTH.port).toBeLessThan(512);
  });
  test('is replaced hitlessly: the new pod beside the old one, no port declared, room for two', () => {
    expect(daemonSet.spec.updateStrategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(daemonSet.spec.minReadySeconds).toBeGreaterThanOrEqual(2);
    expect(container(daemonSet).ports).toBeUndefined();
    expect(container(daemonSet).resources.requests).toEqual({ cpu: '100m', memory: '128Mi' });
    expect(container(daemonSet).resources.limits.cpu).toBeUndefined();
  });
  test('asks and ends its own process by exec, never through a shared port', () => {
    expect(container(daemonSet).readinessProbe.exec).toBeDefined();
    expect(container(daemonSet).lifecycle.preStop.exec).toBeDefined();
    expect(podSpec(daemonSet).terminationGracePeriodSeconds).toBe(68);
  });
  test('restarts when it hangs for a minute, and does not drain then', () =>
    expect(container(daemonSet).livenessProbe).toEqual({
      exec: { command: ['perl', '/etc/front-alive.pl', '127.0.0.1', '340', ...Front === FrontEnvoy ? ['/run/front/admin.sock'] : []] },
      periodSeconds: 10, timeoutSeconds: 30, failureThreshold: 5, terminationGracePeriodSeconds: 1,
    }));
  test('starts only when no stranger holds its ports', () => {
    const guard = container(daemonSet, 'port-guard');
    expect(guard.image).toBe(container(daemonSet).image);
    expect(guard.securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    expect(guard.volumeMounts).toEqual([{ name: 'config', mountPath: '/etc/port-guard.sh', subPath: 'port-guard.sh', readOnly: true }]);
    expect(only(manifests, 'ConfigMap').data['port-guard.sh']).toMatch(/^#!/);
  });
  test('replaces, when told to, the old pod before the new one, and declares its ports', () => {
    const replace = only(manifestsOf({ updateMode: UpdateMode.REPLACE }), 'DaemonSet');
    expect(replace.spec.updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(container(replace).ports.map((port: Manifest) => [port.containerPort, port.hostPort])).toEqual([[80, 80], [443, 443]]);
  });
  test('as a Deployment has no surge and one pod a node', () => {
    const found = manifestsOf({ replicas: 2 });
    expect(only(found, 'Deployment', `edge-${name}`).spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(podSpec(only(found, 'Deployment', `edge-${name}`)).affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
    expect(only(found, 'PodDisruptionBudget', `edge-${name}`).spec.maxUnavailable).toBe(1);
  });

  test('rolls its pods when the configuration changes, and only then', () => {
    const checksum = (found: Manifest[]) => only(found, 'DaemonSet').spec.template.metadata.annotations['cdk8s-istio-edge/config-checksum'];
    expect(checksum(manifestsOf())).toBe(checksum(manifests));
    expect(checksum(manifestsOf({ idleTimeout: Duration.minutes(5) }))).not.toBe(checksum(manifests));
  });
  test('rolls its pods when the drain time changes, which is not in the first file', () => {
    const after = manifestsOf({ drainTimeout: Duration.seconds(61) });
    const configMaps = new Set([manifests, after].map(found => only(found, 'ConfigMap').metadata.name));
    expect(podSpec(only(after, 'DaemonSet'))).not.toEqual(podSpec(daemonSet));
    // Envoy and nginx have it in their commands
    expect(configMaps.size).toBe(name === 'front-haproxy' ? 2 : 1);
  });
  test('changes only what it must', () => {
    const other = manifestsOf({ connectTimeout: Duration.millis(500) });
    const changed = manifests.filter((manifest, index) => JSON.stringify(manifest) !== JSON.stringify(other[index])).map(manifest => manifest.kind);
    expect(changed).toEqual(['ConfigMap', 'DaemonSet']);
    const { volumes, ...rest } = podSpec(only(other, 'DaemonSet'));
    expect(podSpec(daemonSet)).toMatchObject(rest);
    expect(volumes.slice(1)).toEqual(podSpec(daemonSet).volumes.slice(1));
  });
  test('gives each text an immutable ConfigMap of its own', () => {
    const [here, other] = [manifests, manifestsOf({ connectTimeout: Duration.millis(500) })].map(found => only(found, 'ConfigMap'));
    expect(here.immutable).toBe(true);
    expect(other.metadata.name).not.toBe(here.metadata.name);
    expect(podSpec(daemonSet).volumes[0].configMap.name).toBe(here.metadata.name);
    expect(only(manifests, 'DaemonSet').spec.template.metadata.annotations['cdk8s-istio-edge/config-checksum']).toContain(here.metadata.name.split('-').pop());
  });
  test('puts labels and annotations on every object and pod', () => {
    const found = manifestsOf({ labels: { team: 'edge' }, annotations: { 'example.com/owner': 'edge team' } })
      .filter(manifest => manifest.metadata.name.startsWith(`edge-${name}`));
    expect(found.map(manifest => manifest.kind)).toEqual(['ConfigMap', 'ServiceAccount', 'DaemonSet']);
    for (const { metadata } of [...found, found[2].spec.template]) {
      expect(metadata).toMatchObject({ labels: { team: 'edge' }, annotations: { 'example.com/owner': 'edge team' } });
    }
  });
  test('takes another image, pull policy, pull secret and resources', () => {
    const found = only(manifestsOf({
      image: 'registry.example.com/front:1', imagePullPolicy: kplus.ImagePullPolicy.ALWAYS, imagePullSecretName: 'pull',
      resources: { cpu: { request: kplus.Cpu.millis(500) }, memory: { request: Size.mebibytes(256) } },
    }), 'DaemonSet');
    expect(container(found)).toMatchObject({
      image: 'registry.example.com/front:1', imagePullPolicy: 'Always', resources: { requests: { cpu: '500m', memory: '256Mi' } },
    });
    expect(container(found).resources.limits).toBeUndefined();
    expect(podSpec(found).imagePullSecrets).toEqual([{ name: 'pull' }]);
  });

  test('sends to the gateway by its full name', () => {
    expect(config(manifests)).toContain('edge-gateway');
    expect(config(manifests)).toContain('.istio-ingress.svc.cluster.local');
  });
  test('sends PROXY protocol exactly when the gateway takes it', () => {
    const chart = chartOf();
    const gateway = new IngressGateway(chart, 'gateway', { receivesProxyProtocol: true });
    new Front(chart, name, { nodes: TWO_NODES, gateway });
    const sends = /ProxyProtocolUpstreamTransport|send-proxy-v2|proxy_protocol on/;
    expect(config(synth(chart))).toMatch(sends);
    expect(config(manifests)).not.toMatch(sends);
  });
  describe('before a gateway on loopback', () => {
    const behind = (props: Partial<HostNetworkIngressGatewayProps> = {}, front: Partial<FrontProxyProps> = {}) => {
      const chart = chartOf();
      const gateway = new HostNetworkIngressGateway(chart, 'local', { nodes: TWO_NODES, istio: { version: '1.31.0' }, loopbackOnly: true, ...props });
      new Front(chart, name, { nodes: TWO_NODES, gateway, ...front });
      return only(synth(chart), 'ConfigMap').data[file] as string;
    };
    const sends = /ProxyProtocolUpstreamTransport|send-proxy-v2|proxy_protocol on/;

    test('sends to 127.0.0.1 and the target port, asks no DNS and checks no health', () => {
      const text = behind();
      expect(text).toMatch(/127\.0\.0\.1:10443|address: 127\.0\.0\.1\s+port_value: 10443/);
      expect(text).not.toMatch(/svc\.cluster\.local|STRICT_DNS|resolvers|health_checks:|httpchk/);
    });
    test('sends PROXY protocol, unless the gateway does not take it', () => {
      expect(behind()).toMatch(sends);
      expect(behind({ receivesProxyProtocol: false })).not.toMatch(sends);
    });
    test('stands on some of the gateway\'s nodes', () => expect(behind({}, { nodes: EdgeNodes.named('edge-2') })).toContain('10443'));

    test.each<[string, Partial<HostNetworkIngressGatewayProps>, Partial<FrontProxyProps>, string]>([
      ['another node', { nodes: EdgeNodes.named('edge-3') }, {},
        'gateway-on-other-nodes: gateway edge/local listens on the loopback address, but does not run on every node of the front proxy, got ["edge-1","edge-2"]; give both the same nodes'],
      ['a node more', { nodes: EdgeNodes.named('edge-1') }, {}, 'gateway-on-other-nodes: gateway edge/local listens on the loopback address, but does not run on every node of the front proxy, got ["edge-2"]'],
      ['nodes with another label', { nodes: EdgeNodes.labeled({ role: 'gateway' }) }, { nodes: EdgeNodes.labeled({ role: 'edge' }) }, 'gateway-on-other-nodes'],
      ['a taint that the gateway does not tolerate', {}, { nodes: TWO_NODES.dedicated() }, 'gateway-on-other-nodes'],
      ['a listener without a port of the gateway', { listeners: [{ port: 80 }] }, { listeners: [{ port: 80 }, { port: 443 }] },
        'gateway-port-unknown: gateway edge/local has no listener with this port, got 443; expected 80'],
    ])('fails for %s', (_, gateway, front, expected) => expect(messageOf(() => behind(gateway, front))).toContain(`[edge/${name}] ${expected}`));

    test('fails for a listener on the gateway\'s own port', () =>
      expect(messageOf(() => behind({}, { listeners: [{ port: 10_080, gatewayPort: 80 }] })))
        .toContain('host-port-clash: tcp 10080 on nodes edge-1, edge-2 is also used by edge/local on nodes edge-1, edge-2'));
    test('fails for a route to a gateway that is on other nodes', () => {
      const chart = chartOf();
      const front = new Front(chart, name, frontProps(chart));
      const gateway = new HostNetworkIngressGateway(chart, 'local', {
        nodes: EdgeNodes.named('edge-3'), istio: { version: '1.31.0' }, loopbackOnly: true, receivesProxyProtocol: false,
      });
      expect(messageOf(() => front.addRoute({ serverNames: ['a.example'], gateway }))).toContain(`[edge/${name}] gateway-on-other-nodes`);
    });
    test('fails for an address that is not the node\'s own', () => {
      const chart = chartOf();
      const gateway = IngressGateway.fromService(chart, 'gateway', { name: 'gw' });
      const { toIngressGatewayConfig } = gateway;
      gateway.toIngressGatewayConfig = () => ({ ...toIngressGatewayConfig.call(gateway), bindAddress: '0.0.0.0' });
      expect(messageOf(() => new Front(chart, name, { nodes: TWO_NODES, gateway }))).toContain('address-not-loopback: address of upstream');
    });
  });

  test('listens on IPv6 where nodes have it, or where told to', () => {
    const listens = /\[::\]:80|:::80|address: "?::"?$/m;
    expect(config(manifests)).not.toMatch(listens);
    expect(config(manifestsOf({ ipv6: true }))).toMatch(listens);
    expect(config(manifestsOf({ nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', ipv6Address: '2001:db8::1' }) }))).toMatch(listens);
  });
  test('routes by server name, on TLS listeners only', () => {
    const found = manifestsOf({ listeners: [{ port: 80 }, { port: 443 }, { port: 8443, gatewayPort: 443 }] }, front =>
      front.addRoute({ serverNames: ['*.partners.example.com'], gateway: IngressGateway.fromService(front, 'partners', { name: 'partner-gw', namespace: 'partners' }) }));
    expect(config(found)).toContain('partners.example.com');
    expect(config(found)).toContain('partner-gw.partners.svc.cluster.local');
    const routesPerListener = { 'front-envoy': /server_names/g, 'front-haproxy': /req\.ssl_sni -i/g, 'front-nginx': /ssl_preread on/g };
    expect(config(found).match(routesPerListener[name as keyof typeof routesPerListener])).toHaveLength(2);
  });
  test('tells port-guard the node\'s addresses, by a field that Kubernetes 1.27 has', () => {
    const [guard] = podSpec(only(manifestsOf(), 'DaemonSet')).initContainers;
    expect(guard.env).toEqual([{ name: 'NODE_ADDRESSES', valueFrom: { fieldRef: { fieldPath: 'status.podIPs' } } }]);
  });
  test('takes every number that it is given', () => {
    const found = manifestsOf({
      connectTimeout: Duration.millis(430),
      maxConnectAttempts: 7,
      ...(name !== 'front-envoy' && { maxConnectionsPerClient: 601 }),
      idleTimeout: Duration.seconds(1234),
      maxConnections: 7_531,
      fileDescriptors: 23_456,
      concurrency: 3,
      healthPort: 18_777,
      lameDuckPeriod: Duration.seconds(11),
      drainTimeout: Duration.seconds(97),
    });
    const everything = JSON.stringify([only(found, 'ConfigMap').data, container(only(found, 'DaemonSet'))]);
    const expected: { [engine: string]: RegExp[] } = {
      'front-envoy': [/connect_timeout: 0\.43s/, /max_connect_attempts: 7/, /idle_timeout: 1234s/, /max_active_downstream_connections: 7531/, /"--concurrency","3"/],
      'front-haproxy': [/timeout connect 430ms/, /retries 6/, /timeout tunnel 1234s/, /fe_conn gt 7531 /, /sc0_conn_cur gt 601 /, /nbthread 3/, /fd-hard-limit 23456/],
      'front-nginx': [/proxy_connect_timeout 430ms/, /tries 7;/, /proxy_timeout 1234s/, /limit_conn connections 2511;/, /limit_conn clients 201;/, /worker_processes 3/, /rlimit_nofile 23456/],
    };
    for (const pattern of [...expected[name], /18777/, /\b11\b/, /\b97\b|\b108\b/]) {
      expect(everything).toMatch(pattern);
    }
    expect(podSpec(only(found, 'DaemonSet')).terminationGracePeriodSeconds).toBe(11 + 97 + 5);
  });
  test('logs the connections that failed, or every one', () => {
    const onlyFailures = { 'front-envoy': /response_flag_filter/, 'front-haproxy': /dontlog-normal/, 'front-nginx': /if=\$failed/ }[name]!;
    expect(config(manifestsOf({ accessLog: AccessLog.ALL }))).not.toMatch(onlyFailures);
    expect(config(manifestsOf({ accessLog: AccessLog.FAILURES }))).toMatch(onlyFailures);
    expect(config(manifestsOf())).toMatch(onlyFailures);
  });
  test('tries a gateway ten times by default, because a dead one can be met more than once', () => {
    const expected = { 'front-envoy': /max_connect_attempts: 10$/m, 'front-haproxy': /retries 9$/m, 'front-nginx': /tries 10;$/m };
    expect(config(manifestsOf())).toMatch(expected[name as keyof typeof expected]);
  });
  test('waits 250 ms for a connection by default', () => {
    const expected = { 'front-envoy': /connect_timeout: 0\.25s$/m, 'front-haproxy': /timeout connect 250ms$/m, 'front-nginx': /proxy_connect_timeout 250ms;$/m };
    expect(config(manifestsOf())).toMatch(expected[name as keyof typeof expected]);
  });
  test('closes what matches no route when told to, and only then', () => {
    const textOf = (unmatchedServerName?: UnmatchedServerName) => config(manifestsOf({ unmatchedServerName }, front =>
      front.addRoute({ serverNames: ['a.example'], gateway: adopted(front, 'a') })));
    const toOwnGateway = {
      'front-envoy': /default_filter_chain:\n\s+name: edge-gateway-istio-ingress-443$/m,
      'front-haproxy': /use_backend edge-gateway-istio-ingress-443 if \{ so_name https \}$/m,
      'front-nginx': /default edge-gateway-istio-ingress-443;$/m,
    }[name]!;
    expect(textOf()).toMatch(toOwnGateway);
    expect(textOf(UnmatchedServerName.DEFAULT_GATEWAY)).toMatch(toOwnGateway);
    expect(textOf(UnmatchedServerName.CLOSE)).not.toMatch(toOwnGateway);
  });
  test('sends a route to the port that it names', () => {
    const text = config(manifestsOf({}, front => front.addRoute({
      serverNames: ['a.example'], gateway: IngressGateway.fromService(front, 'p', { name: 'p', namespace: 'p', listeners: [{ port: 443 }, { port: 8443 }] }), gatewayPort: 8443,
    })));
    const expected = {
      'front-envoy': /server_names:\n\s+- a\.example\n\s+name: p-p-8443$/m,
      'front-haproxy': /use_backend p-p-8443 if \{ so_name https \} \{ req\.ssl_sni -i a\.example \}$/m,
      'front-nginx': /^\s+a\.example p-p-8443;$/m,
    };
    expect(text).toMatch(expected[name as keyof typeof expected]);
    expect(text).toMatch(/p\.p\.svc\.cluster\.local\.?(:8443|\n\s+port_value: 8443)/);
  });
  test('keeps gateways apart whose names look alike', () => {
    const chart = chartOf();
    const gateway = (id: string, namespace: string) => IngressGateway.fromService(chart, `${id}.${namespace}`, { name: id, namespace, listeners: [{ port: 443 }] });
    const front = new Front(chart, name, { nodes: TWO_NODES, gateway: gateway('a-b', 'c') });
    front.addRoute({ serverNames: ['a.example'], gateway: gateway('a', 'b-c') });
    const text = config(synth(chart));
    expect(text).toContain('a-b.c.svc.cluster.local');
    expect(text).toContain('a.b-c.svc.cluster.local');
  });
  test('dials the pods on their own port where it balances over them, the Service on its port otherwise', () => {
    const expected = {
      'front-envoy': /edge-gateway-pods\.istio-ingress\.svc\.cluster\.local\n\s+port_value: 8443$/m,
      'front-haproxy': /server-template pod 1-32 edge-gateway-pods\.istio-ingress\.svc\.cluster\.local:8443 /,
      'front-nginx': /server edge-gateway\.istio-ingress\.svc\.cluster\.local\.:443 /,
    };
    expect(config(manifests)).toMatch(expected[name as keyof typeof expected]);
  });

  const adopted = (front: FrontProxy, id: string, receivesProxyProtocol = false) =>
    IngressGateway.fromService(front, id, { name: id, namespace: 'other', receivesProxyProtocol });

  test.each<[string, Partial<FrontProxyProps>, string]>([
    ['no listeners', { listeners: [] }, 'list-empty'],
    ['port 0', { listeners: [{ port: 0, gatewayPort: 80 }] }, 'port-out-of-range: port of a listener is out of range, got 0; expected a whole number from 1 to 65535'],
    ['port 65536', { listeners: [{ port: 65_536, gatewayPort: 80 }] }, 'port-out-of-range'],
    ['port 80.5', { listeners: [{ port: 80.5, gatewayPort: 80 }] }, 'port-out-of-range'],
    ['one port twice', { listeners: [{ port: 80 }, { port: 80, gatewayPort: 443 }] }, 'port-twice'],
    ['a port of Istio\'s proxy', { listeners: [{ port: 15_021, gatewayPort: 80 }] }, 'port-reserved-by-istio'],
    ['a port that the gateway has not', { listeners: [{ port: 8080 }] }, 'gateway-port-unknown: gateway edge/gateway has no listener with this port, got 8080; expected 80 or 443'],
    ['the health port as listener', { listeners: [{ port: 340, gatewayPort: 80 }] }, 'port-twice'],
    ['a health port of Istio\'s proxy', { healthPort: 15_021 }, 'port-reserved-by-istio: healthPort'],
    ['a notice of an hour', { lameDuckPeriod: Duration.hours(1) }, 'duration-out-of-range: lameDuckPeriod'],
    ['an update mode that is none', { updateMode: 'rolling' as UpdateMode }, 'value-unknown: invalid updateMode "rolling"; expected hitless or replace'],
    ['an access log that is none', { accessLog: 'none' as AccessLog }, 'value-unknown: invalid accessLog "none"; expected all or failures'],
    ['an unmatched mode that is none', { unmatchedServerName: 'drop' as UnmatchedServerName }, 'value-unknown'],
    ['nodes that are none', { nodes: ['edge-1'] as unknown as EdgeNodes }, 'type-wrong: invalid nodes ["edge-1"]; expected EdgeNodes.labeled(), EdgeNodes.named() or EdgeNodes.of()'],
    ['a duration that is a number', { drainTimeout: 60 as unknown as Duration }, 'type-wrong: invalid drainTimeout 60; expected Duration.days(), '],
    ['health port 0', { healthPort: 0 }, 'port-out-of-range: healthPort'],
    ['the option of a whole edge', { preserveClientAddress: true } as Partial<FrontProxyProps>, 'option-unknown: unknown option preserveClientAddress'],
    ['a hitless Deployment', { replicas: 2, updateMode: UpdateMode.HITLESS }, 'update-mode-unavailable'],
    ['more replicas than nodes', { replicas: 3 }, 'replicas-over-nodes'],
    ['a connect timeout of 1 ms', { connectTimeout: Duration.millis(1) }, 'duration-out-of-range: connectTimeout'],
    ['a connect timeout with a fraction', { connectTimeout: Duration.seconds(0.2505) }, 'duration-out-of-range: connectTimeout is out of range, got "250.5 ms"'],
    ['an idle timeout of 100 ms', { idleTimeout: Duration.millis(100) }, 'duration-out-of-range: idleTimeout'],
    ['a drain of 1 s', { drainTimeout: Duration.seconds(1) }, 'duration-out-of-range: drainTimeout'],
    ['no attempt', { maxConnectAttempts: 0 }, 'attempts-out-of-range'],
    ['no connection', { maxConnections: 0 }, 'connections-out-of-range'],
    ['more connections than descriptors', { maxConnections: 40_000 }, 'connections-over-file-descriptors: maxConnections is too high for fileDescriptors, got 40000; '
      + 'expected at most 32512 with 65536 file descriptors: a connection takes two'],
    ['no connection of a client', { maxConnectionsPerClient: 0 }, 'connections-per-client-out-of-range: maxConnectionsPerClient is out of range, got 0'],
    ['more connections of a client than of all', { maxConnections: 100, maxConnectionsPerClient: 101 }, 'connections-per-client-out-of-range'],
    ['a descriptor too few', { fileDescriptors: 1_023 }, 'file-descriptors-out-of-range: fileDescriptors is out of range, got 1023; expected a whole number from 1024 to 1048576'],
    ['a descriptor too many', { fileDescriptors: 1_048_577 }, 'file-descriptors-out-of-range'],
    ['an attempt too many', { maxConnectAttempts: 11 }, 'attempts-out-of-range'],
    ['a worker too many', { concurrency: 257 }, 'concurrency-out-of-range'],
    ['a connection too many', { maxConnections: 500_001, fileDescriptors: 1_048_576 }, 'connections-out-of-range: maxConnections is out of range, got 500001; expected a whole number from 1 to 500000'],
    ['health port 65536', { healthPort: 65_536 }, 'port-out-of-range: healthPort'],
    ['half a worker', { concurrency: 0.5 }, 'concurrency-out-of-range'],
    ['an image with a quote', { image: 'a"b' }, 'image-invalid'],
    ['a reserved label', { labels: { 'app.kubernetes.io/name': 'x' } }, 'label-reserved'],
  ])('fails for %s', (_, props, expected) => {
    expect(messageOf(() => manifestsOf(props))).toContain(`[edge/${name}] ${expected}`);
  });

  test('fails with all problems of the props and of the model together', () =>
    expect(messageOf(() => manifestsOf({ listeners: [{ port: 70_000, gatewayPort: 80 }], image: 'a"b', maxConnections: 32_513, connectTimeout: Duration.millis(0.5) }))
      .split('\n').map(line => line.split(': ')[0])).toEqual(
      ['port-out-of-range', 'duration-out-of-range', 'image-invalid', 'connections-over-file-descriptors'].map(code => `[edge/${name}] ${code}`)));

  test.each<[Partial<FrontProxyProps>]>([
    [{ fileDescriptors: 1_024, maxConnectAttempts: 1, concurrency: 1 }],
    [{ fileDescriptors: 1_048_576, maxConnectAttempts: 10, concurrency: 64 }],
  ])('takes %j, and as many connections as fit', props => {
    const most = props.fileDescriptors === 1_024 ? 256 : 500_000;
    expect(config(manifestsOf(props))).toBe(config(manifestsOf({ ...props, maxConnections: most })));
  });

  test('takes a limit for one client only where the engine can count', () => {
    const limited = () => manifestsOf({ maxConnectionsPerClient: 100 });
    if (name === 'front-envoy') {
      expect(messageOf(limited)).toContain('option-unsupported: maxConnectionsPerClient does not work with Envoy, which cannot count the TCP connections of one client, got 100; '
        + 'use HAProxy or nginx, or count with nftables on the nodes: docs/front-proxies.md');
    } else {
      expect(config(limited())).not.toBe(config(manifestsOf()));
    }
  });

  test.each<[string, (front: FrontProxy) => void, string]>([
    ['no server name', front => front.addRoute({ serverNames: [], gateway: adopted(front, 'a') }), 'list-empty'],
    ['a server name with a scheme', front => front.addRoute({ serverNames: ['https://a.example'], gateway: adopted(front, 'a') }), 'host-invalid'],
    ['a wildcard in the middle', front => front.addRoute({ serverNames: ['a.*.example'], gateway: adopted(front, 'a') }), 'host-wildcard-invalid'],
    ['an injected server name', front => front.addRoute({ serverNames: ['a;}\n'], gateway: adopted(front, 'a') }), 'host-invalid'],
    ['a server name twice', front => front.addRoute({ serverNames: ['a.example', 'a.example'], gateway: adopted(front, 'a') }), 'route-twice'],
    ['a server name that has a route', front => {
      front.addRoute({ serverNames: ['a.example'], gateway: adopted(front, 'a') });
      front.addRoute({ serverNames: ['a.example'], gateway: adopted(front, 'b') });
    }, 'route-twice: server name has a route already, got "a.example"'],
    ['a gateway port that is none', front => front.addRoute({ serverNames: ['a.example'], gateway: adopted(front, 'a'), gatewayPort: 1 }), 'gateway-port-unknown'],
  ])('fails for a route with %s', (_, then, expected) => expect(messageOf(() => manifestsOf({}, then))).toContain(`[edge/${name}] ${expected}`));

  test('sends PROXY protocol to some gateways of a listener only where the engine can', () => {
    const mixed = () => config(manifestsOf({}, front => front.addRoute({ serverNames: ['a.example'], gateway: adopted(front, 'a', true) })));
    if (name === 'front-nginx') {
      expect(messageOf(mixed)).toContain(`[edge/${name}] nginx-mixed-proxy-protocol: listener "https" has gateways with and without PROXY protocol; `
        + 'nginx sends it to all gateways of a listener, or to none');
    } else {
      const parts = mixed().split(/^(?:backend | {4}- name: )/m).filter(part => /ProxyProtocolUpstreamTransport|send-proxy-v2/.test(part));
      expect(parts.map(part => part.split('\n')[0])).toEqual(['a-other-443']);
    }
  });

  test('fails for a route without a TLS listener', () =>
    expect(messageOf(() => manifestsOf({ listeners: [{ port: 80 }] }, front => front.addRoute({ serverNames: ['a.example'], gateway: adopted(front, 'a') }))))
      .toContain('route-without-tls'));
});
