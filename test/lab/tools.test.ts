// the lab's own tool has tests in Go: they run as one of these
import { spawnSync } from 'child_process';
import { join } from 'path';

const TOOLS = join(__dirname, '..', '..', 'lab', 'traffic', 'tools');

const go = (...words: string[]) => spawnSync('go', words, { cwd: TOOLS, encoding: 'utf8' });

if (go('version').status === 0) {
  // the first build of an empty cache takes a minute
  test('go test lab/traffic/tools', () => {
    const { status, stdout, stderr } = go('test', './...');
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringMatching(/^ok/)]);
  }, 300_000);
} else {
  test.skip('go is not installed: the tests of lab/traffic/tools are skipped', () => undefined);
}
