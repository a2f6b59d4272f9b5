// docs/errors.md is the table of codes, as users read it
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'fs';
import { join } from 'path';
import { CODES } from '../../src/validation/codes';

const PAGE = join(__dirname, '..', '..', 'docs', 'errors.md');

const page = `# Errors

An error of synthesis has the form \`[construct/path] code: what, got <value>; <what is allowed, or the fix>\`. Nothing is
written then. Codes are stable. This page is generated from \`src/validation/codes.ts\`.

| code | what it means, and what to do |
|---|---|
${Object.entries(CODES).map(([code, text]) => `| <a id="${code}"></a>\`${code}\` | ${text.replace(/\|/g, '\\|')} |`).join('\n')}
`;

test('docs/errors.md lists every code', () => {
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(PAGE, page);
  }
  expect(existsSync(PAGE) && readFileSync(PAGE, 'utf8')).toBe(page);
});

test('codes are listed in alphabetical order, and in one line each', () => {
  expect(Object.keys(CODES)).toEqual(Object.keys(CODES).sort());
  expect(Object.entries(CODES).filter(([, text]) => text.length > 130 || !text.endsWith('.'))).toEqual([]);
});

test('every code is used', () => {
  const textsBelow = (folder: string): string[] => readdirSync(folder).map(name => join(folder, name))
    .flatMap(path => statSync(path).isDirectory() ? textsBelow(path) : path.endsWith('codes.ts') ? [] : [readFileSync(path, 'utf8')]);
  const sources = textsBelow(join(__dirname, '..', '..', 'src')).join('\n');
  expect(Object.keys(CODES).filter(code => !sources.includes(`'${code}'`))).toEqual([]);
});
