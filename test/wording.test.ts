// plain English: words that CONTRIBUTING's readers should not meet
import { execFileSync } from 'child_process';
import { readFileSync } from 'fs';
import { join } from 'path';

const ROOT = join(__dirname, '..');
const FORBIDDEN = /\b(nobody|whoever|for ?ever|dear)\b/i;

/** Where these words are gone. API.md repeats src/. */
const ROOMS = /^(src|packages|docs|examples|scripts|test|sandbox|lab|bench)\/.*\.(ts|sh|pl|md|cfg|conf)$|^(?!API)[A-Z]+\.md$/;

/** The name of a criterion is kept with its figures: a changed word would outdate them. */
const WITH_FIGURES = /^lab\/(scenarios\/serve\.ts|results\.md)$/;

const FILES = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n')
  .filter(name => ROOMS.test(name) && !WITH_FIGURES.test(name) && name !== 'test/wording.test.ts');

test('sources and pages use plain words', () => {
  const offenders = FILES.flatMap(name => readFileSync(join(ROOT, name), 'utf8').split('\n')
    .flatMap((line, index) => FORBIDDEN.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : []));
  expect(offenders).toEqual([]);
});
