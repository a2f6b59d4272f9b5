// docs/versions.md names the versions that the tests, the lab and the package use
import { readFileSync } from 'fs';
import { join } from 'path';

const textOf = (file: string) => readFileSync(join(__dirname, '..', file), 'utf8');
const page = textOf('docs/versions.md');

/** Where a version stands, the row that repeats it, and the pattern of it. */
const SOURCES: [string, string, RegExp][] = [
  ['lab/cluster/kubernetes/go.mod', 'Kubernetes', /k8s\.io\/kubernetes (v[\d.]+)/g],
  ['scripts/install-engines.sh', 'Gateway API', /sigs\.k8s\.io\/gateway-api@v([\d.]+)/g],
  ['scripts/install-engines.sh', 'Envoy', /^ENVOY_VERSION=([\d.]+)/gm],
  ['scripts/install-engines.sh', 'HAProxy', /HAPROXY_VERSION='([\d.]+)\./g],
  ['scripts/install-engines.sh', 'nginx', /NGINX_VERSION='([\d.]+)\./g],
  ['scripts/install-engines.sh', 'keepalived', /KEEPALIVED_VERSION='1:([\d.]+)-/g],
  ['scripts/newest-engines.txt', 'HAProxy', /^haproxy=([\d.]+)\./gm],
  ['scripts/newest-engines.txt', 'nginx', /^nginx=([\d.]+)\./gm],
  ['scripts/newest-engines.txt', 'keepalived', /^keepalived=1:([\d.]+)\./gm],
  ['scripts/test-node-versions.sh', 'Node.js', /\b(2\d\.\d+\.\d+)\b/g],
  ['package.json', 'cdk8s', /"cdk8s": "(\d[\d.]*)"/g],
  ['package.json', 'constructs', /"constructs": "(\d[\d.]*)"/g],
  ['package.json', 'cdk8s-plus', /"cdk8s-plus-27": "(\d[\d.]*)"/g],
];

test.each(SOURCES)('%s: the row %s is right', (file, row, pattern) => {
  const versions = [...textOf(file).matchAll(pattern)].map(match => match[1]);
  const line = page.split('\n').find(text => new RegExp(`^\\| ${row}[ ,]`).test(text)) ?? '';
  expect(versions).not.toEqual([]);
  expect(versions.filter(version => !line.includes(version))).toEqual([]);
});
