// the lab's command line: what it takes, and that it ends with status 2 for everything else
import { spawnSync } from 'child_process';
import { join } from 'path';
import { readFlags, UsageError } from '../../lab/flags';
import type { Flag } from '../../lab/flags';

const ALL: Flag[] = ['edges', 'ip-family', 'profile', 'rounds', 'keep'];
const MAIN = join(__dirname, '..', '..', 'lab', 'main.ts');

test('reads names and flags in any order', () =>
  expect(readFlags(['failover', '--rounds', '3', '--profile=ci', 'outages', '--edges', '3', '--ip-family', 'ipv6', '--keep'], ALL, 'with names'))
    .toEqual({ names: ['failover', 'outages'], rounds: 3, profile: 'ci', edges: 3, ipFamily: 'ipv6', keep: true }));
test('leaves out what is not given', () => expect(readFlags([], ALL)).toEqual({ names: [], keep: false }));

test.each<[string, string]>([
  ['--rounds ten', '--rounds is "ten"; allowed are whole numbers from 1 to 9999'],
  ['--rounds 0', '--rounds is "0"'],
  ['--rounds 1.5', '--rounds is "1.5"'],
  ['--rounds', 'Option \'--rounds <value>\' argument missing'],
  ['--profile CI', '--profile is "CI"; allowed are ci and full'],
  ['--edges x', '--edges is "x"; allowed are 2 and 3'],
  ['--ip-family ipv4', '--ip-family is "ipv4"; allowed are dual and ipv6'],
  ['--edges 1', '--edges is "1"'],
  ['--round 3', 'Unknown option \'--round\''],
  ['failover', 'Unexpected argument \'failover\''],
])('fails for %s', (words, expected) => {
  const read = () => readFlags(words.split(' '), ALL);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(expected);
});
test('fails for a flag of another command', () => expect(() => readFlags(['--rounds', '3'], ['edges'])).toThrow('Unknown option \'--rounds\''));

test('the lab ends with status 2, and starts nothing', () => {
  const { status, stderr } = spawnSync(process.execPath, ['-r', 'ts-node/register/transpile-only', MAIN, 'all', '--rounds', 'ten'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^lab: --rounds is "ten".*\n`npm run lab -- help` .*\n$/)]);
});

test('only scenarios load the compiled library', () => {
  const watch = 'process.on("exit", () => { if (Object.keys(require.cache).some(file => /[\\\\/]lib[\\\\/]index\\.js$/.test(file) && !/node_modules/.test(file))) process.exitCode = 9; });';
  const program = `${watch} process.argv.splice(1, 0, 'lab'); require(${JSON.stringify(MAIN)})`;
  const status = (command: string) => spawnSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', program, command]).status;
  expect([status('help'), status('exec'), status('scenarios')]).toEqual([0, 2, 9]);
});
