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
  ['--rounds ten', 'invalid --rounds "ten"; expected a whole number from 1 to 9999'],
  ['--rounds 0', 'invalid --rounds "0"'],
  ['--rounds 1.5', 'invalid --rounds "1.5"'],
  ['--rounds', 'Option \'--rounds <value>\' argument missing'],
  ['--profile CI', 'invalid --profile "CI"; expected ci or full'],
  ['--edges x', 'invalid --edges "x"; expected 2 or 3'],
  ['--ip-family ipv4', 'invalid --ip-family "ipv4"; expected dual or ipv6'],
  ['--edges 1', 'invalid --edges "1"'],
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
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^lab: invalid --rounds "ten".*\n`npm run lab -- help` .*\n$/)]);
});

test('only scenarios load the compiled library', () => {
  const watch = 'process.on("exit", () => { if (Object.keys(require.cache).some(file => /[\\\\/]lib[\\\\/]index\\.js$/.test(file) && !/node_modules/.test(file))) process.exitCode = 9; });';
  const program = `${watch} process.argv.splice(1, 0, 'lab'); require(${JSON.stringify(MAIN)})`;
  const status = (command: string) => spawnSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', program, command]).status;
  expect([status('help'), status('exec'), status('scenarios')]).toEqual([0, 2, 9]);
});
