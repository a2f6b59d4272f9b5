// the changes that mutation runs do not count: an entry for a line that is gone would count nothing
import { readFileSync } from 'fs';
import { join } from 'path';
import { isChanged } from './sources';

const ROOT = join(__dirname, '..', '..');
const entries = JSON.parse(readFileSync(join(__dirname, 'equal-mutants.json'), 'utf8')) as { file: string; line: string; replacement: string; reason: string }[];

test('each is a line of a file that mutation runs change', () =>
  expect(entries.filter(({ file, line }) => !isChanged(file) || !readFileSync(join(ROOT, file), 'utf8').split('\n').some(text => text.trim() === line))).toEqual([]));
test('each has a reason, and is there once', () => {
  expect(entries.filter(({ reason }) => !/\w+ \w+ \w+/.test(reason))).toEqual([]);
  expect(new Set(entries.map(({ file, line, replacement }) => `${file} ${line} ${replacement}`)).size).toBe(entries.length);
});
