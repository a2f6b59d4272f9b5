// Accepts the compiled public API as the baseline of test/api/baseline.test.ts. A change that breaks users must be in the CHANGELOG.
import { execFileSync } from 'child_process';
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { BASELINE, breaksUsersOf, currentApi } from './api-baseline';

const broken = existsSync(BASELINE) ? breaksUsersOf(readFileSync(BASELINE, 'utf8')) : [];
if (broken.length > 0) {
  process.stdout.write(`${broken.join('\n')}\n`);
  const written = execFileSync('git', ['diff', '--name-only', 'HEAD', '--', 'CHANGELOG.md'], { encoding: 'utf8' });
  if (!written) throw new Error('this breaks users: write it into CHANGELOG.md first');
}
writeFileSync(BASELINE, currentApi());
