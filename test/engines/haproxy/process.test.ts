import { haproxyProcess } from '../../../src/engines/haproxy/process';
import { renderHaproxy } from '../../../src/engines/haproxy/render';
import { proxy as passthrough } from '../golden/passthrough/model';

const haproxy = () => haproxyProcess(passthrough, { lameDuckSeconds: 3, drainSeconds: 30 });

test('HAProxy is the first process, without a master between it and its signals', () => {
  expect(haproxy().command).toEqual(['haproxy', '-db', '-f', '/etc/front-haproxy.cfg', '-f', '/etc/front-haproxy-drain.cfg']);
});

test('the configuration is the first file, and the end is in one of its own', () => {
  expect(Object.keys(haproxy().files)).toEqual(['front-haproxy.cfg', 'front-haproxy-drain.cfg', 'front-haproxy-ready.pl', 'front-alive.pl', 'front-haproxy-stop.sh']);
  expect(haproxy().files['front-haproxy.cfg']).toBe(renderHaproxy(passthrough));
  expect(haproxy().files['front-haproxy-drain.cfg']).toMatch(/^global\n(.*\n)? {2}hard-stop-after 30s\n$/);
});

test('readiness asks the socket of this process for its name and ports', () => {
  expect(haproxy().readiness).toEqual(['perl', '/etc/front-haproxy-ready.pl', '/run/front/health.sock', '/healthz', 'edge-front 80 443 340']);
});

test('preStop stops gracefully and waits no longer than the drain', () => {
  expect(haproxy().preStop).toEqual(['bash', '/etc/front-haproxy-stop.sh', '3', '30']);
});

test('writes nowhere but in its run directory', () => {
  expect(haproxy().writableDirectories).toEqual(['/run/front']);
});
