// the library accepts every edge of the lab: no run of the lab is needed to notice that it refuses one
import { readdirSync } from 'fs';
import { join } from 'path';
import { ISTIO_NEXT_VERSION } from '../../lab/cluster/build';
import { Example, objectsOf } from '../../lab/edge/examples';
import { GATEWAYS_TO_INJECT } from '../../lab/variants/gateways-to-inject';
import { BY_MANAGED_PODS, ON_MANAGED_HOSTS } from '../../lab/variants/managed';
import { Handover, RouteApi } from 'cdk8s-istio-edge';

type Make = (...given: unknown[]) => unknown;

const FOLDER = join(__dirname, '../../lab/variants');
/** The first two are used by the other files. `certificates` has a server that needs the keys of a lab that is up. */
const NOT_HERE = ['ha-edge-with', 'synthesize', 'certificates'];

const ENGINES = [['envoy'], ['haproxy'], ['nginx']];
const MOVES = [Handover.PLAIN, Handover.SEAMLESS].map(handover => ({ handover, goesHome: true }));
const APIS = [RouteApi.ISTIO, RouteApi.GATEWAY_API];
/** Function → what scenarios give it. @default - each engine */
const ARGUMENTS: { [name: string]: unknown[][] } = {
  'gateways-to-inject.podToInject': GATEWAYS_TO_INJECT.map(one => [one]),
  'gateways-to-inject.writtenPod': GATEWAYS_TO_INJECT.map(one => [one]),
  'handover.behindFronts': ENGINES.flatMap(([engine]) => MOVES.map(how => [engine, how])),
  'handover.gatewaysOnHosts': MOVES.map(how => [how]),
  'handover.gatewaysOnLoopback': MOVES.map(how => [how]),
  'istio-version.onHosts': [[ISTIO_NEXT_VERSION]],
  'istio-version.onLoopback': [[ISTIO_NEXT_VERSION]],
  'managed.managedOnHosts': [[]],
  'published.publishedBy': APIS.map(api => [api]),
  'routes.routesBy': APIS.flatMap(api => [undefined, ON_MANAGED_HOSTS, BY_MANAGED_PODS].map(through => [api, through])),
};

const files = readdirSync(FOLDER).filter(name => name.endsWith('.ts')).map(name => name.replace('.ts', '')).filter(name => !NOT_HERE.includes(name));

test.each(files)('synthesizes every edge of %s', file => {
  const made = Object.entries(exportsOf(file)).flatMap(([name, value]) => typeof value !== 'function' ? value
    : (ARGUMENTS[`${file}.${name}`] ?? ENGINES).map(given => (value as Make)(...given)));
  made.forEach(synthesized);
});

test('calls only functions that exist', () => {
  const names = files.flatMap(file => Object.keys(exportsOf(file)).map(name => `${file}.${name}`));
  expect(names).toEqual(expect.arrayContaining(Object.keys(ARGUMENTS)));
});

function exportsOf(file: string): { [name: string]: unknown } {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(join(FOLDER, file)) as { [name: string]: unknown };
}

/** Synthesizes an example, the example of a moving edge, or one for a version of Istio. Throws if the library refuses it. */
function synthesized(value: unknown): void {
  if (typeof value === 'function') {
    synthesized((value as Make)(ISTIO_NEXT_VERSION));
  } else if (typeof value === 'object' && value !== null) {
    const { example = value } = value as { example?: object };
    if ('engine' in example) {
      expect(objectsOf(example as Example)).not.toEqual([]);
    }
  }
}
