// start, readiness and end, as far as they can be read
import { nginxProcess } from '../../../src/engines/nginx/process';
import { renderNginx } from '../../../src/engines/nginx/render';
import { proxy } from '../golden/passthrough/model';

const engineProcess = () => nginxProcess({ ...proxy, runDirectory: '/run/it' }, { lameDuckSeconds: 3, drainSeconds: 42 });

test('the configuration is the first file', () => {
  expect(Object.keys(engineProcess().files)).toEqual(['front-nginx.conf', 'front-nginx-start.sh', 'front-alive.pl', 'front-nginx-stop.sh']);
  expect(engineProcess().files['front-nginx.conf']).toBe(renderNginx({ ...proxy, runDirectory: '/run/it' }));
  expect(engineProcess().writableDirectories).toEqual(['/run/it']);
});

test('connections that are left are cut when the drain time is over', () => {
  expect(engineProcess().command.slice(-1)).toEqual(['worker_shutdown_timeout 42s;']);
  expect(engineProcess().preStop).toEqual(['bash', '/etc/front-nginx-stop.sh', '/run/it/nginx.pid', '3', '42']);
  expect(engineProcess().files['front-nginx-stop.sh']).toContain('kill -QUIT');
});

test('the start script learns the socket that an earlier process may have left, and then runs nginx, which logs to stderr from the first moment', () => {
  expect(engineProcess().command.slice(0, -2)).toEqual([
    'bash', '/etc/front-nginx-start.sh', '/run/it/health.sock', 'nginx', '-e', 'stderr', '-c', '/etc/front-nginx.conf',
  ]);
  expect(engineProcess().command.at(-2)).toBe('-g');
});

describe('readiness', () => {
  const option = (name: string) => engineProcess().readiness[engineProcess().readiness.indexOf(name) + 1];

  test('asks this process', () => {
    expect(engineProcess().readiness[0]).toBe('curl');
    expect(option('--unix-socket')).toBe('/run/it/health.sock');
    expect(engineProcess().readiness.at(-1)).toBe('http://localhost/healthz');
  });
  test('fails with another status than 200, and after a second without an answer', () => {
    expect(engineProcess().readiness).toContain('--fail');
    expect(option('--max-time')).toBe('1');
  });
  test('writes the reason to the event of the pod, and nothing else', () =>
    expect(engineProcess().readiness).toEqual(expect.arrayContaining(['--silent', '--show-error'])));
});
