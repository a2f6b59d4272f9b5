// shellcheck and perl judge the programs that run in containers; what they do is judged with their engines
import { spawnSync } from 'child_process';
import { readdirSync, readFileSync } from 'fs';
import { basename, join } from 'path';

const ROOT = join(__dirname, '..');
const programsIn = (folder: string) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter(file => /\.(sh|pl)$/.test(file)).map(file => join(folder, file)).sort();
const PROGRAMS = ['src', 'packages/doctor/src'].flatMap(programsIn);
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const shell = PROGRAMS.filter(file => file.endsWith('.sh'));
const perl = PROGRAMS.filter(file => file.endsWith('.pl'));

function judge(program: string, ...args: string[]): string {
  const { error, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  if (error) throw new Error(`${program} is needed; scripts/install-engines.sh installs it as root on Debian: ${error.message}`);
  return stdout + stderr;
}

test.each(shell)('shellcheck finds nothing in %s', file => expect(judge('shellcheck', file)).toBe(''));

test.each(programsIn('images'))('shellcheck finds nothing in %s', file => expect(judge('shellcheck', file)).toBe(''));

test.each(perl)('%s is valid, strict and without a warning', file => {
  expect(judge('perl', '-wc', file)).toBe(`${file} syntax OK\n`);
  expect(textOf(file)).toMatch(/^use strict;\nuse warnings;$/m);
});

test.each(PROGRAMS)('%s begins with what it does and how it is called', file =>
  expect(textOf(file)).toMatch(new RegExp(`^(#!.*\n)?# [A-Z](.*\n#)*? usage: ${basename(file)} [A-Z]`)));

test.each(shell)('%s says why it disables a check of shellcheck', file => {
  const disabled = textOf(file).split('\n').filter(line => line.includes('shellcheck disable='));
  expect(disabled.filter(line => !/disable=SC\d+ {2}# \S/.test(line))).toEqual([]);
});

test.each(shell.filter(file => file.startsWith('src/engines/keepalived/')))('%s is for any POSIX shell: the image may be Alpine', file =>
  expect(textOf(file)).toMatch(/^#!\/bin\/sh\n/));
