// a step of `npx projen compile`: writes the table of types, and compiles again where it changed
import { spawnSync } from 'child_process';
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { createRequire } from 'module';
import { renderTypeTable, TABLE_FILE } from './type-table';

// the values of enums are in the code that was just compiled
const load = createRequire(__filename);
const table = renderTypeTable((packageName, enumName) => load(packageName === 'cdk8s-istio-edge' ? '../lib' : packageName)[enumName]);

if (!existsSync(TABLE_FILE) || readFileSync(TABLE_FILE, 'utf8') !== table) {
  writeFileSync(TABLE_FILE, table);
  process.exitCode = spawnSync('jsii', process.argv.slice(2), { stdio: 'inherit' }).status ?? 1;
}
