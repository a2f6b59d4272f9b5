// docs/versions.md names the versions that the tests, the lab and the package use
import { execFileSync } from 'child_process';
import { readdirSync, readFileSync } from 'fs';
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

const SRC = join(__dirname, '../src');
const DEFAULT_IMAGES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  .flatMap(file => [...textOf(`src/${file}`).matchAll(/^export const \w+_IMAGE = '(.+)';$/gm)].map(match => match[1]));

/** The page's table of default images: image → the day of its release. */
const released = new Map([...page.matchAll(/^\| `(\S+)` \| (\d{4}-\d\d-\d\d) \| \[.+\]\(https:.+\) \|$/gm)].map(match => [match[1], match[2]]));

test('the table of default images has those of src', () => {
  expect(DEFAULT_IMAGES.length).toBeGreaterThan(4);
  expect([...released.keys()].sort()).toEqual(DEFAULT_IMAGES.sort());
});

/** Images that are more than a year older than a day. */
function olderThanAYear(images: ReadonlyMap<string, string>, day: string): string[] {
  const aYearBefore = new Date(day);
  aYearBefore.setUTCFullYear(aYearBefore.getUTCFullYear() - 1);
  return [...images].filter(([, date]) => new Date(date) < aYearBefore).map(([image, date]) => `${image} is of ${date}`);
}

// Not the day of the test run: a release must stay testable. Who commits something new can also raise an image.
test('no default image is more than a year older than the last commit; raise it in src/engines and in docs/versions.md', () => {
  const lastCommit = execFileSync('git', ['log', '-1', '--format=%cs'], { cwd: SRC, encoding: 'utf8' }).trim();
  const [, built] = textOf('images/keepalived/packages.txt').split(/\s/);
  expect(olderThanAYear(new Map([...released, ['images/keepalived/packages.txt', built]]), lastCommit)).toEqual([]);
});

test('an image of a year and a day is found', () => {
  const images = new Map([['new', '2026-03-02'], ['old', '2026-03-01']]);
  expect(olderThanAYear(images, '2027-03-02')).toEqual(['old is of 2026-03-01']);
});

test('images/keepalived has the versions that the tests run with', () => {
  const [suite, ...pins] = textOf('scripts/newest-engines.txt').trim().split('\n');
  const [ofImage, ...packages] = textOf('images/keepalived/packages.txt').trim().split('\n');
  expect(ofImage.split(' ')[0]).toBe(suite);
  for (const pin of pins.filter(text => /^(keepalived|nftables)=/.test(text))) {
    expect(packages.filter(name => name.startsWith(pin.replace('*', '')))).toHaveLength(1);
  }
});
