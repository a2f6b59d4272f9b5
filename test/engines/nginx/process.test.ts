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

test('readiness asks this process', () => {
  expect(engineProcess().readiness).toEqual(expect.arrayContaining(['--unix-socket', '/run/it/health.sock', 'http://localhost/healthz']));
});
