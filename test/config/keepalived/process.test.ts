// the container's side of keepalived: arguments and files
import { keepalivedProcess } from '../../../src/config/keepalived/process';
import { renderKeepalived } from '../../../src/config/keepalived/render';
import { vip as activeActive } from '../golden/vip-active-active/model';
import { vip as multicast } from '../golden/vip-multicast/model';
import { vip as unicast } from '../golden/vip-unicast/model';

test('the start script is told which nodes may run it', () => {
  expect(keepalivedProcess({ ...unicast, nodes: [...unicast.nodes].reverse() }).command)
    .toEqual(['/bin/sh', '/etc/keepalived-start.sh', '/run/keepalived', 'edge-1', 'edge-2']);
  expect(keepalivedProcess(multicast).command).toEqual(['/bin/sh', '/etc/keepalived-start.sh', '/run/keepalived']);
});

test('readiness looks at every instance', () => {
  expect(keepalivedProcess(activeActive).readiness)
    .toEqual(['/bin/sh', '/etc/keepalived-ready.sh', '/run/keepalived', 'vip-101', 'vip-102', 'vip-103']);
});

test('the configuration comes first, and every script that it or the container runs is a file', () => {
  const { files, command, readiness } = keepalivedProcess(unicast);
  expect(Object.keys(files)).toEqual(['keepalived.conf', 'keepalived-start.sh', 'keepalived-check.sh', 'keepalived-state.sh', 'keepalived-ready.sh']);
  expect(files['keepalived.conf']).toBe(renderKeepalived(unicast));
  const used = [...command, ...readiness, ...Object.values(files)].join(' ').match(/\/etc\/keepalived[a-z-]*\.(sh|conf)/g)!;
  expect([...new Set(used)].map(path => path.slice('/etc/'.length)).sort()).toEqual(Object.keys(files).sort());
});

test('only the scratch directory is written to', () => {
  expect(keepalivedProcess(unicast).writableDirectories).toEqual(['/run/keepalived']);
});
