// each front proxy as Prometheus reads it: what it answers, and what it refuses
import { spawnSync } from 'child_process';
import type { Socket } from 'net';
import { Edge, eventually } from './edge';
import { proxy as localGateway } from './golden/local-gateway/model';
import { debianProcess } from './nginx-pod';
import type { EngineName } from '../../sandbox/engines';
import { envoyProcess } from '../../src/engines/envoy/process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ProxyModel, ProxyUpstream } from '../../src/engines/proxy-model';
import { PROXY_QUERIES } from '../../src/monitoring/queries';
import { describeEngineInPod } from '../support/describe-engine';

const VIRTUAL = ['192.0.2.100', '2001:db8::100'];
const OUTSIDE = ['203.0.113.5', '2001:db8:2::5'];

const MODEL: ProxyModel = {
  ...localGateway,
  upstreams: localGateway.upstreams.map(({ name }) => ({ name, local: { address: '127.0.0.11', port: 10_080 }, sendProxyProtocol: false })),
  metrics: { addresses: ['0.0.0.0', '::'], port: 341, readers: ['127.0.0.0/8', '192.0.2.0/24', '::1/128', '2001:db8::/64'], refusedAt: VIRTUAL },
};

const OTHER_REQUESTS = [
  'GET /', 'GET /metrics/', 'GET /metrics/../quitquitquit', 'GET /stats', 'GET /stats/prometheus', 'GET /config_dump', 'GET /certs', 'GET /stub_status',
  'POST /metrics', 'POST /quitquitquit', 'PUT /metrics', 'DELETE /metrics', 'HEAD /metrics', 'OPTIONS /metrics',
];

const TIMES = { lameDuckSeconds: 1, drainSeconds: 3 };

const ENGINES: { name: EngineName; process: typeof envoyProcess; open: RegExp }[] = [
  { name: 'envoy', process: envoyProcess, open: /^envoy_listener_downstream_cx_active\{envoy_listener_address="0\.0\.0\.0_80"\} 1$/m },
  { name: 'haproxy', process: haproxyProcess, open: /^haproxy_frontend_current_sessions\{proxy="traffic"\} 1$/m },
  // the connection that reads counts too
  { name: 'nginx', process: debianProcess, open: /^nginx_connections_active 2$/m },
];

describe.each(ENGINES)('metrics of $name', ({ name, process, open }) => {
  describeEngineInPod(name, binary => {
    let edge: Edge;

    beforeEach(async () => {
      edge = await Edge.create(10_080);
      await edge.node.addAddresses(...VIRTUAL, ...OUTSIDE);
    });
    afterEach(() => edge.destroy());

    const started = async (model: ProxyModel = MODEL) => {
      const pod = await edge.start(binary, process(model, TIMES));
      await pod.ready();
      return pod;
    };

    /** The whole answer, until the proxy closes the connection; '' if there is none. */
    async function ask(request: string, host = '127.0.0.1', from?: string): Promise<string> {
      let answer = '';
      // a proxy can refuse a connection before the test has it
      const socket = await edge.node.connect(341, host, from).catch(() => undefined);
      socket?.on('data', bytes => (answer += bytes)).write(`${request} HTTP/1.1\r\nHost: node\r\n\r\n`);
      await ended(socket);
      return answer;
    }

    /** Until the proxy closes it. */
    const ended = (socket?: Socket) => socket && new Promise(resolve => socket.on('error', () => socket.destroy()).once('close', resolve).resume());

    const statusOf = (answer: string) => answer.split(' ')[1];

    test('are text that Prometheus can read, one answer a connection', async () => {
      await started();
      for (const host of ['127.0.0.1', '::1']) {
        const answer = await ask('GET /metrics', host);
        expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
        expect(answer).toMatch(/\r\ncontent-type: text\/plain/i);
      }
      const { status, body } = await edge.node.get(341, '/metrics');
      const { stderr, status: verdict } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
      // 3: it is correct, and promtool knows better names; those of Envoy and HAProxy are theirs
      expect([status, verdict, verdict === 3 ? '' : stderr]).toEqual([200, name === 'nginx' ? 0 : 3, '']);
    });

    test('have every metric that alerts ask for', async () => {
      await started();
      const { body } = await edge.node.get(341, '/metrics');
      const checked = { ...MODEL.upstreams[0], pods: { host: 'pods', port: 80, health: { port: 15_021, path: '/' } } } as ProxyUpstream;
      const queries = PROXY_QUERIES[`front-${name}`]('job="x"', { ...MODEL, upstreams: [checked] });
      const metrics = Object.values(queries).flatMap((query: string) => query.match(/\w+(?=\{)/g) ?? []);
      expect(metrics).not.toEqual([]);
      expect(metrics.filter(metric => !new RegExp(`^${metric}[{ ]`, 'm').test(body))).toEqual([]);
    });

    test('count the connections of clients, also when the proxy is full', async () => {
      await started({ ...MODEL, maxConnections: 1, concurrency: 1 });
      const client = await edge.node.connect(80);
      expect(await eventually(async () => open.test((await edge.node.get(341, '/metrics')).body), true)).toBe(true);
      await ended(await edge.node.connect(80).catch(() => undefined));
      expect((await edge.node.get(341, '/metrics')).status).toBe(200);
      client.destroy();
    });

    test('answer 404 to every other request', async () => {
      await started();
      for (const request of OTHER_REQUESTS) {
        expect([request, statusOf(await ask(request))]).toEqual([request, '404']);
      }
      expect(statusOf(await ask('GET /metrics'))).toBe('200');
    });

    test('are refused to other hosts, and at virtual addresses', async () => {
      await started();
      expect(await ask('GET /metrics', '127.0.0.1', OUTSIDE[0])).toBe('');
      expect(await ask('GET /metrics', VIRTUAL[0])).toBe('');
      expect(await ask('GET /metrics', '::1', OUTSIDE[1])).toBe('');
      expect(await ask('GET /metrics', VIRTUAL[1])).toBe('');
      expect(statusOf(await ask('GET /metrics', '127.0.0.2'))).toBe('200');
    });

    test('come from the new process when the old one ends', async () => {
      const old = await started();
      const client = await edge.node.connect(80);
      const successor = await edge.start(binary, process({ ...MODEL, maxConnections: 7 }, TIMES));
      await successor.ready();
      const stopping = old.exec(process(MODEL, TIMES).preStop);
      await new Promise(resolve => setTimeout(resolve, 2_000));
      // the client is connected to the old one, which no longer answers
      const answers: string[] = [];
      while (answers.length < 8) {
        answers.push(await ask('GET /metrics'));
      }
      expect(answers.map(answer => [statusOf(answer), open.test(answer)])).toEqual(answers.map(() => ['200', false]));
      client.destroy();
      await stopping;
    });
  });
});
