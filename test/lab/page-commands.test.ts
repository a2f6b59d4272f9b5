// pages whose marked commands the lab runs: each mark is right, and what the commands name exists in an example's output
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { blocksOf, missingLines, PageBlock } from '../../lab/page-commands';

const ROOT = join(__dirname, '..', '..');
const textOf = (page: string) => readFileSync(join(ROOT, 'docs', page), 'utf8');
const RUN = ['operate.md', 'planned-changes.md'];
const NAMING = [...RUN, 'troubleshooting.md', 'alerts.md', 'edge-nodes.md'];

const MARKED = '<!-- lab: edge-1 other -->\n```sh\nget pods\n```\n\n```text\nedge-vip-…  2/2 Running\n0.5 s\n```\n';
const block = blocksOf(`# page\n\n${MARKED}`)[0];

test('a marked block has its line, its marks, its commands and the lines of its output', () =>
  expect(block).toEqual({ line: 3, marks: ['edge-1', 'other'], commands: 'get pods\n', expected: ['edge-vip-…  2/2 Running', '0.5 s'] }));

test.each(['', '\n```text\n17 of 20\n```\n'])('a block that must only succeed expects no line: %j', output =>
  expect(blocksOf(`<!-- lab: succeeds -->\n\`\`\`sh\nls\n\`\`\`\n${output}`)).toEqual([{ line: 1, marks: ['succeeds'], commands: 'ls\n', expected: [] }]));

test('fails when a mark has no commands, or no output', () => {
  expect(() => blocksOf('<!-- lab -->\n```sh\nls\n```\n')).toThrow('1 marks, but 0 blocks');
  expect(() => blocksOf(`<!-- lab -->\n\nls\n\n${MARKED}`)).toThrow('2 marks, but 1 blocks');
});

test.each([
  ['both lines, in another order and with other spaces', '0.5 s\nedge-vip-x2b4k   2/2   Running\n', []],
  ['a dot is a dot', '0x5 s\nedge-vip-x2b4k 2/2 Running', ['0.5 s']],
  ['text after the line', '0.5 s\nedge-vip-x2b4k 2/2 Running 5m', ['edge-vip-…  2/2 Running']],
  ['nothing', '', block.expected],
])('output with %s', (_, output, missing) => expect(missingLines(block, output)).toEqual(missing));

test('nodes may have each other\'s numbers, and pods may not', () => {
  const states: PageBlock = { ...block, expected: ['edge-1 MASTER', 'edge-2 BACKUP'] };
  expect(missingLines(states, 'edge-1 BACKUP\nedge-2 MASTER\n')).toEqual([]);
  expect(missingLines(states, 'edge-1 BACKUP\nedge-2 BACKUP\n')).toEqual(['edge-1 MASTER']);
});

test.each(RUN)('the lab can run the marked blocks of %s', page => expect(blocksOf(textOf(page)).length).toBeGreaterThan(3));

/** What commands may name: the text of the examples with each engine. */
const written = ['ha-edge', 'front-haproxy', 'front-nginx'].flatMap(name => {
  const folder = join(ROOT, 'examples', name, 'dist');
  return readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8'));
}).join('\n');

/** Names in commands: of workloads, containers, labels, namespaces and Secrets. */
const NAMES: { readonly [what: string]: [RegExp, (name: string) => RegExp] } = {
  workload: [/\b(?:daemonset|deployment|ds|deploy)[/ ](edge-[\w-]+)/g, name => new RegExp(`^  name: ${name}$`, 'm')],
  container: [/ -c ([a-z][\w-]*)/g, name => new RegExp(`^ +(- )?name: ${name}$`, 'm')],
  label: [/-l ([\w./-]+=[\w-]+)/g, name => new RegExp(`^ +${name.replace('=', ': ')}$`, 'm')],
  file: [/(\/run\/keepalived)\//g, name => new RegExp(`${name}/`)],
};

test.each(NAMING)('the commands in %s name what an edge has', page => {
  const commands = [...textOf(page).matchAll(/^ *```sh\n(.*?)^ *```|`(kubectl [^`]+)`/gms)].map(([, sh, inline]) => sh ?? inline).join('\n');
  const unknown = Object.entries(NAMES).flatMap(([what, [names, pattern]]) =>
    [...commands.matchAll(names)].map(([, name]) => name).filter(name => !pattern(name).test(written)).map(name => `${what} ${name}`));
  expect([...new Set(unknown)]).toEqual([]);
});
