// every golden case: model → text, byte for byte. `npm run test:update` rewrites; the engines judge the files in
// ../engines
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { renderEnvoy } from '../../src/engines/envoy/render';
import type { HandoverModel } from '../../src/engines/handover/model';
import { handoverProcess } from '../../src/engines/handover/process';
import { renderHaproxy } from '../../src/engines/haproxy/render';
import type { KeepalivedModel } from '../../src/engines/keepalived/model';
import { renderKeepalived } from '../../src/engines/keepalived/render';
import { renderNginx } from '../../src/engines/nginx/render';
import type { ProxyModel } from '../../src/engines/proxy-model';

const GOLDEN = join(__dirname, 'golden');
const update = process.env.UPDATE_GOLDEN === '1';

interface GoldenCase {
  readonly proxy?: ProxyModel;
  readonly vip?: KeepalivedModel;
  readonly handover?: HandoverModel;
}

/** Without the program, which is a file of its own. */
function handoverFiles(model: HandoverModel): { [file: string]: string } {
  return Object.fromEntries(Object.entries(handoverProcess(model).files).filter(([file]) => !file.endsWith('.sh')));
}

function rendered({ proxy, vip, handover }: GoldenCase): { [file: string]: string } {
  return {
    ...(proxy && { 'envoy.yaml': renderEnvoy(proxy), 'haproxy.cfg': renderHaproxy(proxy), 'nginx.conf': renderNginx(proxy) }),
    ...(vip && { 'keepalived.conf': renderKeepalived(vip) }),
    ...(handover && handoverFiles(handover)),
  };
}

describe.each(readdirSync(GOLDEN).sort())('golden %s', name => {
  const folder = join(GOLDEN, name);
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const texts = rendered(require(join(folder, 'model')) as GoldenCase);

  test.each(Object.keys(texts))('%s is as reviewed', file => {
    const path = join(folder, file);
    if (update) {
      writeFileSync(path, texts[file]);
    }
    expect(existsSync(path) ? readFileSync(path, 'utf8') : `${path} is missing: npm run test:update`).toBe(texts[file]);
  });

  test('has no file that nothing renders', () => {
    expect(readdirSync(folder).sort()).toEqual([...Object.keys(texts), 'model.ts'].sort());
  });
});
