// the engines have the versions that ENGINES selects
import { spawnSync } from 'child_process';
import type { EngineName } from '../../sandbox/engines';
import { describeEngine } from '../support/describe-engine';

const VERSIONS: { readonly [engines: string]: { readonly [engine in EngineName]: RegExp } } = {
  oldest: { envoy: /\/1\.40\.0\//, haproxy: /version 2\.6\./, nginx: /nginx\/1\.22\./, keepalived: /v2\.2\.7 / },
  newest: { envoy: /\/1\.40\.0\//, haproxy: /version 3\.2\.26-/, nginx: /nginx\/1\.30\.6$/m, keepalived: /v2\.3\.4 / },
};
const FLAGS: { readonly [engine in EngineName]: string } = { envoy: '--version', haproxy: '-v', nginx: '-v', keepalived: '--version' };

describe.each(Object.keys(FLAGS) as EngineName[])('the version of %s', name => {
  describeEngine(name, binary => {
    test('is the selected one', () => {
      const { stdout, stderr } = spawnSync(binary, [FLAGS[name]], { encoding: 'utf8' });
      expect(stdout + stderr).toMatch(VERSIONS[process.env.ENGINES || 'oldest'][name]);
    });
  });
});
