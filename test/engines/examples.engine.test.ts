// the manifests that the examples synthesize, judged and run by the real engines: command, files, uid, capabilities and
// writable paths are the manifest's
import { EdgeNode } from '../../sandbox/edge-node';
import { engine as engineOf, nginxModules } from '../../sandbox/engines';
import type { EngineName } from '../../sandbox/engines';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { only, podSpec } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { describeEngineInPod } from '../support/describe-engine';
import { EXAMPLE_NAMES, synthesizedManifests } from '../support/examples';

const MANIFESTS = Object.fromEntries(EXAMPLE_NAMES.map(name => [name, synthesizedManifests(name)]));
const manifestsOf = (name: string): Manifest[] => MANIFESTS[name];

/** An engine's container in an example: `app.kubernetes.io/name` of its DaemonSet. */
const ENGINES: { readonly [application: string]: EngineName } = {
  'front-envoy': 'envoy', 'front-haproxy': 'haproxy', 'front-nginx': 'nginx', 'keepalived': 'keepalived',
};
const CASES = EXAMPLE_NAMES.flatMap(name => manifestsOf(name)
  .filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.labels['app.kubernetes.io/name'] in ENGINES)
  .map(workload => ({ name, workload, engine: ENGINES[workload.metadata.labels['app.kubernetes.io/name']] })));

const VERDICTS: { readonly [engine in EngineName]: string[] } = {
  envoy: ['envoy', '--mode', 'validate', '-c', '/etc/front-envoy.yaml', '-l', 'warning'],
  haproxy: ['haproxy', '-c', '-f', '/etc/front-haproxy.cfg'],
  nginx: ['nginx', '-t', '-e', 'stderr', '-c', '/etc/front-nginx.conf'],
  keepalived: ['keepalived', '--config-test', '-i', 'edge-1', '-f', '/etc/keepalived.conf'],
};

/** What kubelet would do with the container, on a node whose DNS is a hosts file. */
function start(node: EdgeNode, binary: string, name: string, workload: Manifest, command?: string[]): Promise<PodSandbox> {
  const [container] = podSpec(workload).containers;
  const env: { [variable: string]: string } = { POD_NAME: 'edge-1-pod', NODE_NAME: 'edge-1' };
  const expand = (text: string) => text.replace(/\$\((\w+)\)/g, (whole, variable) => env[variable] ?? whole);
  const data: { [file: string]: string } = { ...only(manifestsOf(name), 'ConfigMap', workload.metadata.name).data };
  const services = [...JSON.stringify(data).matchAll(/[a-z0-9-]+\.[a-z0-9-]+\.svc\.cluster\.local/g)].map(([service]) => service);
  if (data['front-nginx.conf']) {
    data['front-nginx.conf'] = nginxModules() + data['front-nginx.conf'];
  }
  const scratch = new Set(podSpec(workload).volumes.filter((volume: Manifest) => volume.emptyDir).map((volume: Manifest) => volume.name));
  expect(container.securityContext).toMatchObject({ runAsUser: 0, readOnlyRootFilesystem: true, privileged: false, capabilities: { drop: ['ALL'] } });
  return PodSandbox.start(node, {
    binary,
    env,
    capabilities: (container.securityContext.capabilities.add ?? []).map((capability: string) => capability.toLowerCase()),
    process: {
      command: command ?? container.command.map(expand),
      readiness: container.readinessProbe.exec.command,
      liveness: container.livenessProbe.exec.command,
      preStop: container.lifecycle?.preStop.exec.command ?? [],
      files: { ...data, 'hosts': services.map(service => `127.0.0.9 ${service} ${service}.\n`).join(''), 'resolv.conf': 'nameserver 127.0.0.1\n' },
      writableDirectories: container.volumeMounts.filter((mount: Manifest) => scratch.has(mount.name)).map((mount: Manifest) => mount.mountPath),
    },
  });
}

/** An edge node of the examples: eth0 with the first node's address. */
const edgeNode = () => EdgeNode.create(
  ['ip', 'link', 'add', 'eth0', 'type', 'bridge'], ['ip', 'address', 'add', '192.0.2.11/24', 'dev', 'eth0'], ['ip', 'link', 'set', 'eth0', 'up'],
);

/** Ports that clients reach: the guard of a front proxy asks for them, and for the health port. */
function portsOf(workload: Manifest): string[] {
  return podSpec(workload).initContainers[0].command.slice(6).filter((port: string) => port !== '340');
}

test('every example with a front proxy or a virtual IP is here', () =>
  expect([...new Set(CASES.map(({ name }) => name))]).toEqual(EXAMPLE_NAMES.filter(name => name !== 'host-gateway')));

describe.each(CASES)('$name: $engine', ({ name, workload, engine }) => {
  describeEngineInPod(engine, binary => {
    let node: EdgeNode;
    let pod: PodSandbox;
    beforeAll(async () => {
      node = await edgeNode();
    });
    afterEach(() => pod?.kill());
    afterAll(() => node?.destroy());

    test('accepts its configuration', async () => {
      pod = await start(node, binary, name, workload, VERDICTS[engine]);
      const status = await pod.exited;
      expect(`${status}${status === 0 ? '' : pod.stderr}`).toBe('0');
    });

    if (engine !== 'keepalived') {
      test('starts with the privileges of its pod, and listens where the manifest says', async () => {
        pod = await start(node, binary, name, workload);
        await pod.ready(20_000);
        const listening = node.run(['ss', '-Hltn']).split('\n').map(line => line.split(/\s+/)[3]);
        const open = portsOf(workload).map(port => `0.0.0.0:${port}`);
        expect(open).toEqual(expect.arrayContaining(['0.0.0.0:80', '0.0.0.0:443']));
        expect(listening).toEqual(expect.arrayContaining([...open, '127.0.0.1:340']));
        expect(listening.filter(address => address && !open.includes(address) && !/^127\.0\.0\.1:\d+$/.test(address))).toEqual([]);
      });
    }
  });
});

describeEngineInPod('keepalived', binary => {
  test('of ha-edge takes the address while the front proxy of ha-edge answers, and gives it up when it is gone', async () => {
    const node = await edgeNode();
    const [front, vip] = ['edge-front-envoy', 'edge-vip'].map(workload => only(manifestsOf('ha-edge'), 'DaemonSet', workload));
    const pods = [await start(node, engineOf('envoy')!, 'ha-edge', front)];
    try {
      await pods[0].ready(20_000);
      pods.push(await start(node, binary, 'ha-edge', vip));
      await pods[1].ready(20_000);
      const holds = () => node.run(['ip', '-brief', 'address', 'show', 'dev', 'eth0']).includes('192.0.2.100/32');
      const becomes = async (wanted: boolean) => {
        for (const deadline = Date.now() + 10_000; holds() !== wanted && Date.now() < deadline;) {
          await new Promise(resolve => setTimeout(resolve, 50));
        }
        return holds();
      };
      expect(await becomes(true)).toBe(true);
      await pods[0].kill();
      expect(await becomes(false)).toBe(false);
    } finally {
      await Promise.all(pods.map(pod => pod.kill()));
      await node.destroy();
    }
  });
});
