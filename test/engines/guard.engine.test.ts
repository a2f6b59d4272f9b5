// the port guard, run with less than a pod's privileges beside real listeners
import { spawn } from 'child_process';
import { once } from 'events';
import * as http from 'http';
import type { Server, Socket } from 'net';
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { NODE_ADDRESSES, PORT_GUARD, portGuardCommand } from '../../src/engines/guard/port-guard';
import { describeEngineInPod } from '../support/describe-engine';

const HEALTH = { address: '127.0.0.1', port: 340, path: '/healthz' };
const MIGRATE = 'net.ipv4.tcp_migrate_req';
/**
 * The node's own addresses, and where a rule sends connections for them: an address that is not the node's, as a pod's.
 */
const [NODE, NODE_IPV6, POD, POD_IPV6] = ['192.0.2.11', '2001:db8::11', '127.0.0.9', '2001:db8:9::9'];
/** Listens, and accepts nothing. */
const FULL_QUEUE = `
use strict; use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], ReuseAddr => 1) or die;
listen($server, 0) or die;
$| = 1; print "listening\\n"; sleep 600;
`;
/** Lines about the kernel's settings come first. */
const SETTINGS = 2;

// any engine would do: the guard needs none
describeEngineInPod('nginx', binary => {
  let node: EdgeNode;
  let servers: Server[];

  beforeEach(async () => {
    node = await EdgeNode.create();
    await node.addAddresses(NODE, NODE_IPV6, POD_IPV6);
    servers = [];
  });
  afterEach(async () => {
    servers.forEach(server => server.close());
    await node.destroy();
  });

  const listen = async (port: number, host: string, onConnection?: (socket: Socket) => void): Promise<Server> => {
    const server = await node.listen(port, host, onConnection);
    servers.push(server);
    return server;
  };

  const guard = async (health = HEALTH) => {
    const process = {
      command: portGuardCommand({ ports: [80, 443, HEALTH.port], identity: 'edge/front', health }),
      files: { [PORT_GUARD.file]: PORT_GUARD.text },
      readiness: [],
      liveness: [],
      preStop: [],
      writableDirectories: [],
    };
    const pod = await PodSandbox.start(node, { binary, process, capabilities: [], env: { [NODE_ADDRESSES]: `${NODE},${NODE_IPV6}` } });
    const status = await pod.exited;
    expect(pod.stderr).toBe('');
    return { status, lines: pod.stdout.trimEnd().split('\n') };
  };
  /** A health endpoint that answers `body`. */
  const healthEndpoint = async (body: string, host = HEALTH.address): Promise<Server> => {
    const server = http.createServer(({ url, httpVersion }, response) => {
      const text = url === HEALTH.path && httpVersion === '1.1' ? body : 'wrong question';
      response.setHeader('Content-Length', text.length).end(text);
    });
    return listen(HEALTH.port, host, socket => server.emit('connection', socket));
  };
  const refusal = (port: number) => `port-guard: not starting: port ${port} is in use by a process that is no older pod of "edge/front": `
    + `127.0.0.1:340/healthz does not answer with this name and port. To find the process: ss -ltnp 'sport = :${port}'. `
    + 'If it is an older pod with another health port, delete that pod.';

  test('lets the proxy start when its ports are free', async () => {
    expect((await guard()).status).toBe(0);
  });

  test.each([['127.0.0.1'], ['::']])('names the port that a stranger holds on %s', async address => {
    await listen(443, address);
    const { status, lines } = await guard();
    expect(status).toBe(1);
    expect(lines.slice(SETTINGS)).toEqual([refusal(443)]);
  });

  test('does not mind other ports, nor connections from or to ours', async () => {
    await listen(8443, '0.0.0.0');
    const server = await listen(80, '127.0.0.1');
    // when the server closes, the kernel resets connections that were not accepted
    const [socket] = await Promise.all([node.connect(80), once(server, 'connection')]);
    await new Promise(resolve => server.close(resolve) && setTimeout(resolve, 50));
    expect(node.run(['ss', '--no-header', '--tcp', '--all', '--numeric', 'sport = :80'])).toMatch(/^ESTAB/);
    expect((await guard()).status).toBe(0);
    socket.destroy();
  });

  test.each([['127.0.0.1'], ['::1']])('knows an older pod of ours by its health endpoint on %s', async address => {
    await listen(80, '0.0.0.0');
    await healthEndpoint('edge/front 80 340', address);
    expect((await guard({ ...HEALTH, address })).status).toBe(0);
  });

  test('names the port that a stranger holds beside an older pod of ours, which has others', async () => {
    await listen(443, '0.0.0.0');
    await healthEndpoint('edge/front 80 340');
    expect(await guard()).toMatchObject({ status: 1, lines: [expect.anything(), expect.anything(), refusal(443)] });
  });

  test.each([['edge/front-2 80 443 340'], ['staging/front 80 443 340']])('does not take a proxy with another name for ours: %s', async answer => {
    await healthEndpoint(answer);
    expect(await guard()).toMatchObject({ status: 1, lines: [expect.anything(), expect.anything(), refusal(HEALTH.port)] });
  });

  test('ends in a few seconds when what holds the health port says nothing', async () => {
    await listen(HEALTH.port, HEALTH.address);
    const begin = Date.now();
    expect((await guard()).status).toBe(1);
    expect(Date.now() - begin).toBeLessThan(20_000);
  });

  test('ends in a few seconds when what holds the health port accepts no connection', async () => {
    // a queue of one connection, which the test's own connection fills; the kernel drops the next one without an answer
    const full = spawn('setpriv', ['--pdeathsig', 'KILL', ...node.enter, 'perl', '-e', FULL_QUEUE, `${HEALTH.port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(full.stdout, 'data');
    const socket = await node.connect(HEALTH.port);
    const begin = Date.now();
    expect((await guard()).status).toBe(1);
    expect(Date.now() - begin).toBeLessThan(20_000);
    socket.destroy();
    full.kill('SIGKILL');
    await once(full, 'close');
  });

  test('waits for a process that is about to leave', async () => {
    const server = await listen(80, '0.0.0.0');
    setTimeout(() => server.close(), 1_500);
    expect((await guard()).status).toBe(0);
  });

  describe('when a rule sends connections for a port of the node elsewhere', () => {
    const IPTABLES = ['-t', 'nat', '-A', 'OUTPUT', '-m', 'addrtype', '--dst-type', 'LOCAL', '-p', 'tcp', '--dport', '443', '-j', 'DNAT', '--to-destination'];
    const NFTABLES = `table inet hostport {
      chain output {
        type nat hook output priority -100;
        fib daddr type local tcp dport 443 dnat ip to ${POD}:8443
      }
    }`;

    test.each([
      ['iptables, as the CNI plug-in portmap for a hostPort', ['iptables', ...IPTABLES, `${POD}:8443`], NODE],
      ['nftables', ['nft', NFTABLES], NODE],
      ['ip6tables', ['ip6tables', ...IPTABLES, `[${POD_IPV6}]:8443`], NODE_IPV6],
    ])('names the port and the address: %s', async (_, rule, address) => {
      await listen(8443, address === NODE ? POD : POD_IPV6);
      node.run(rule);
      const { status, lines } = await guard();
      expect(status).toBe(1);
      expect(lines.slice(SETTINGS)).toEqual([expect.stringMatching(`^port-guard: not starting: port 443 of ${address} is redirected\\. .*k3s servicelb .*hostPort`)]);
    });

    test('does not mind a rule for another port, nor one that leads nowhere', async () => {
      node.run(['iptables', ...IPTABLES.map(word => word === '443' ? '8080' : word), `${POD}:8443`]);
      await listen(8443, POD);
      expect((await guard()).status).toBe(0);
      node.run(['iptables', ...IPTABLES, `${POD}:8444`]);
      expect((await guard()).status).toBe(0);
    });

    test('does not mind that an older pod of ours answers at the node\'s address', async () => {
      await Promise.all([listen(80, '0.0.0.0'), listen(443, '0.0.0.0')]);
      await healthEndpoint('edge/front 80 443 340');
      expect((await guard()).status).toBe(0);
    });

    test('waits for a rule that is about to leave', async () => {
      await listen(8443, POD);
      node.run(['nft', NFTABLES]);
      setTimeout(() => node.run(['nft', 'delete', 'table', 'inet', 'hostport']), 1_500);
      expect((await guard()).status).toBe(0);
    });
  });

  test('says how updates will go on this node', async () => {
    const hitless = async () => (await guard()).lines[0];
    node.run(['sysctl', '-qw', `${MIGRATE}=1`]);
    expect(await hitless()).toBe(`port-guard: hand-over is hitless: ${MIGRATE} is 1`);
    node.run(['sysctl', '-qw', `${MIGRATE}=0`]);
    expect(await hitless()).toBe(`port-guard: hand-over can reset a few new connections; to prevent this, set ${MIGRATE}=1 in /etc/sysctl.d of this node`);
  });

  test('says how many new connections the ephemeral ports of this node allow', async () => {
    const allowed = async () => (await guard()).lines[1];
    node.run(['sysctl', '-qw', 'net.ipv4.ip_local_port_range=32768 60999', 'net.ipv4.tcp_tw_reuse=2']);
    expect(await allowed()).toBe('port-guard: new connections: at most 470 a second to each gateway address, because each of 28232 ephemeral ports waits 60 s; '
      + 'for more, set net.ipv4.tcp_tw_reuse=1 and net.ipv4.ip_local_port_range in /etc/sysctl.d of this node: docs/prerequisites.md');
    node.run(['sysctl', '-qw', 'net.ipv4.ip_local_port_range=10240 65000', 'net.ipv4.tcp_tw_reuse=1']);
    expect(await allowed()).toBe('port-guard: new connections: 54761 ephemeral ports, each free again after 1 s: net.ipv4.tcp_tw_reuse is 1');
  });
});
