// docs/errors.md is the table of codes, as users read it
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { basename, join } from 'path';
import * as ts from 'typescript';
import { CODES } from '../../src/validation/codes';

const ROOT = join(__dirname, '..', '..');
const PAGE = join(ROOT, 'docs', 'errors.md');

const page = `# Errors

A synthesis error has this form: \`[construct/path] code: what, got <value>; <what is allowed, or the fix>\`. If there is
an error, no file is written. If there is no construct yet, the brackets name the call: \`[EdgeNodes.of()]\`. Codes are
stable. This page is generated from \`src/validation/codes.ts\`.

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

const SRC = sourcesBelow('src', name => name.endsWith('.ts') && name !== 'codes.ts');
const TESTS = sourcesBelow('test', name => name.endsWith('.test.ts') && name !== basename(__filename));

test('every code is used', () =>
  expect(Object.keys(CODES).filter(code => !SRC.some(source => source.text.includes(`'${code}'`)))).toEqual([]));

test('a test asserts each code', () => {
  const asserted = TESTS.flatMap(assertedTexts).join('\n');
  expect(Object.keys(CODES).filter(code => !new RegExp(`(?<![a-z-])${code}(?![a-z-])`).test(asserted))).toEqual([]);
});

function sourcesBelow(folder: string, isWanted: (name: string) => boolean): ts.SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => isWanted(basename(path)))
    .map(path => ts.createSourceFile(path, readFileSync(join(ROOT, folder, path), 'utf8'), ts.ScriptTarget.Latest));
}

/**
 * The texts in the tests of a file: rows of tables too, but neither comments nor a code that a test hands to a check.
 */
function assertedTexts(file: ts.SourceFile): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node) || ts.isTemplateHead(node)) {
      texts.push(node.text);
    }
    const isCheck = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text.startsWith('check');
    if (!isCheck) {
      node.forEachChild(visit);
    }
  };
  file.statements.filter(statement => /\bexpect\(/.test(statement.getText(file))).forEach(visit);
  return texts;
}
