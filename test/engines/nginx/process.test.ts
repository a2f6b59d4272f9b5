// start, readiness and end, as far as they can be read
import { nginxProcess } from '../../../src/engines/nginx/process';
import { renderNginx } from '../../../src/engines/nginx/render';
import { proxy } from '../golden/passthrough/model';

const engineProcess = nginxProcess({ ...proxy, runDirectory: '/run/it' }, { lameDuckSeconds: 3, drainSeconds: 42 });

test('the configuration is the one file', () => {
  expect(engineProcess.files).toEqual({ 'front-nginx.conf': renderNginx({ ...proxy, runDirectory: '/run/it' }) });
  expect(engineProcess.writableDirectories).toEqual(['/run/it']);
});

test('connections that are left are cut when the drain time is over', () => {
  expect(engineProcess.command.slice(-1)).toEqual(['worker_shutdown_timeout 42s;']);
  expect(engineProcess.preStop[2]).toContain('kill -QUIT');
  expect(engineProcess.preStop.slice(-3)).toEqual(['/run/it/nginx.pid', '3', '42']);
});

test('readiness asks this process', () => {
  expect(engineProcess.readiness).toEqual(expect.arrayContaining(['--unix-socket', '/run/it/health.sock', 'http://localhost/healthz']));
});
