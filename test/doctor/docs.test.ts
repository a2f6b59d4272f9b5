// docs/doctor.md lists every check; UPDATE_GOLDEN=1 rewrites its table
import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { CHECKS, NODE_CHECKS } from '../../packages/doctor/src/checks';

const PAGE = join(__dirname, '..', '..', 'docs', 'doctor.md');
const HEAD = '| code | severity | asks | finds |\n|---|---|---|---|\n';

test('the page has every check, as the code describes it', () => {
  const text = readFileSync(PAGE, 'utf8');
  const table = CHECKS.map(check => `| <a id="${check.code}"></a>\`${check.code}\` | ${check.severity} | ${NODE_CHECKS.includes(check) ? 'nodes' : 'cluster'} | ${check.finds} |\n`).join('');
  const wanted = text.slice(0, text.indexOf(HEAD)) + HEAD + table;
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(PAGE, wanted);
  }
  expect(readFileSync(PAGE, 'utf8')).toBe(wanted);
});
