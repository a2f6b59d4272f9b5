// the programs that the scripts of keepalived and of the hand-over call
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { calledPrograms } from './called-programs';

const ENGINES = join(__dirname, '../../src/engines');

/** `images/keepalived` needs them. A new program here must be in its packages. */
test.each([
  ['keepalived/keepalived-alive.sh', []],
  ['keepalived/keepalived-checker.sh', ['curl', 'sleep', 'wget']],
  ['keepalived/keepalived-liveness.sh', []],
  ['keepalived/keepalived-metrics.sh', ['date', 'mv', 'nginx', 'sleep', 'stat']],
  ['keepalived/keepalived-ready.sh', []],
  ['keepalived/keepalived-start.sh', ['/bin/sh', 'curl', 'ip', 'keepalived', 'rm', 'sleep', 'tr', 'wget']],
  ['keepalived/keepalived-state.sh', []],
  ['handover/handover.sh', ['cat', 'head', 'ip', 'mv', 'nft', 'ping', 'sleep', 'ss', 'tr', 'wc']],
  ['handover/handover-liveness.sh', []],
])('%s calls %j', (file, programs) => expect(calledPrograms(readFileSync(join(ENGINES, file), 'utf8'))).toEqual(programs));

test('there is no other script', () =>
  expect(['keepalived', 'handover'].flatMap(folder => readdirSync(join(ENGINES, folder)).filter(name => name.endsWith('.sh')))).toHaveLength(9));

test.each([
  ['a command after a pipe, a list or a condition', 'a1 | b1 && c1; if ! d1; then e1 || f1; fi', ['a1', 'b1', 'c1', 'd1', 'e1', 'f1']],
  ['a command in quotes', 'echo "x $(a1 "$(b1)") y $((2 - $(c1) + d1))"', ['a1', 'b1', 'c1']],
  ['a command after assignments', 'x=1 y="$z" a1 b1\nz=$(c1 d1)', ['a1', 'c1']],
  ['a command after a pattern', 'case $x in\n  A | B) c1 $(d1 e) f ;;\n  *) g1 ;;\nesac', ['c1', 'd1', 'g1']],
  ['no text, comment, parameter or function', "f() { :; }\nf 'a1; b1' \"c1; d1\" # e1\necho ${x%; g1} h1 \\\n i1", []],
])('it finds %s', (_, script, programs) => expect(calledPrograms(script)).toEqual(programs));
