// the README of each package: what a registry shows has links that lead somewhere
import { readFileSync } from 'fs';
import { join } from 'path';
import { README_OF, withAbsoluteLinks } from '../scripts/registry-readme';

const ROOT = join(__dirname, '..');
const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const REPOSITORY = JSON.parse(textOf('package.json')).repository.url;

test.each(Object.entries(README_OF))('the README of the package for %s has no relative link', (_, page) => {
  const written = withAbsoluteLinks(textOf(page), page, REPOSITORY, '1.2.3');
  const links = [...written.matchAll(/\]\(([^)]+)\)|^\[[^\]]+\]: (.+)$|src="([^"]+)"/gm)].map(match => match[1] ?? match[2] ?? match[3]);
  expect(links.filter(link => link.startsWith(REPOSITORY.replace(/\.git$/, '/')))).not.toEqual([]);
  expect(links.filter(link => !/^(https:|#)/.test(link))).toEqual([]);
});

test.each([
  ['[a](docs/a.md#b)', 'README.md', '0.0.0', '[a](https://git.example/x/blob/main/docs/a.md#b)'],
  ['[a](../b.md) and [c](c.md)', 'docs/a.md', '1.2.3', '[a](https://git.example/x/blob/v1.2.3/b.md) and [c](https://git.example/x/blob/v1.2.3/docs/c.md)'],
  ['![a](docs/images/a.png)', 'README.md', '1.2.3', '![a](https://git.example/x/raw/v1.2.3/docs/images/a.png)'],
  ['[a]: docs/a.md', 'README.md', '1.2.3', '[a]: https://git.example/x/blob/v1.2.3/docs/a.md'],
  ['[a](#b) [c](https://c.example/)', 'README.md', '1.2.3', '[a](#b) [c](https://c.example/)'],
])('%s in %s of version %s becomes %s', (text, page, version, expected) =>
  expect(withAbsoluteLinks(text, page, 'https://git.example/x.git', version)).toBe(expected));
