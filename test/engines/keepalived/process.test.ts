// the container's side of keepalived: arguments and files
import { keepalivedProcess } from '../../../src/engines/keepalived/process';
import { renderKeepalived } from '../../../src/engines/keepalived/render';
import { vip as activeActive } from '../golden/vip-active-active/model';
import { vip as multicast } from '../golden/vip-multicast/model';
import { vip as unicast } from '../golden/vip-unicast/model';

test('the start script is told the virtual addresses, and which nodes may run it', () => {
  expect(keepalivedProcess({ ...unicast, nodes: [...unicast.nodes].reverse() }).command)
    .toEqual(['/bin/sh', '/etc/keepalived-start.sh', '/run/keepalived', '192.0.2.100/32', 'edge-1', 'edge-2']);
  expect(keepalivedProcess(multicast).command).toEqual(['/bin/sh', '/etc/keepalived-start.sh', '/run/keepalived', '192.0.2.100/32']);
});

test('readiness looks at every instance', () => {
  expect(keepalivedProcess(activeActive).readiness)
    .toEqual(['/bin/sh', '/etc/keepalived-ready.sh', '/run/keepalived', 'vip-101', 'vip-102', 'vip-103']);
});

test('the configuration comes first, and every script that it or the container runs is a file', () => {
  const { files, command, readiness, liveness } = keepalivedProcess(unicast);
  expect(Object.keys(files)).toEqual([
    'keepalived.conf', 'keepalived-checkers.txt', 'keepalived-start.sh', 'keepalived-checker.sh', 'keepalived-alive.sh', 'keepalived-state.sh', 'keepalived-ready.sh',
    'keepalived-liveness.sh',
  ]);
  expect(files['keepalived.conf']).toBe(renderKeepalived(unicast));
  const used = [...command, ...readiness, ...liveness, ...Object.values(files)].join(' ').match(/\/etc\/keepalived[a-z-]*\.(sh|conf|txt)/g)!;
  expect([...new Set(used)].map(path => path.slice('/etc/'.length)).sort()).toEqual(Object.keys(files).sort());
});

test('each check has a checker: name, URL, seconds between questions, how much later an answer may come, when the machine is late, fall, rise, whose listener', () => {
  expect(keepalivedProcess(activeActive).files['keepalived-checkers.txt'].split('\n')).toEqual([
    'admin-gateway http://127.0.0.1:15021/healthz/ready?full=1 2 0 220 3 1 -',
    'front-envoy http://127.0.0.1:15099/ready 0.2 0.8 120 2 2 -',
    '',
  ]);
});

test('only the scratch directory is written to', () => {
  expect(keepalivedProcess(unicast).writableDirectories).toEqual(['/run/keepalived']);
});
