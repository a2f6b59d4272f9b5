// what one engine adds to the front proxies
import { Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { ContainerProcess } from '../engines/container-process';
import type { ProxyModel, ShutdownTimes } from '../engines/proxy-model';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';

/** Its name, its default image, and how the model becomes a process. */
export interface FrontEngine {
  /** `app.kubernetes.io/name` of its objects. */
  readonly application: string;
  readonly image: string;
  /** Enough for the default number of connections when some thousands of the clients read slowly. */
  readonly memoryLimit: Size;
  readonly process: (model: ProxyModel, times: ShutdownTimes) => ContainerProcess;
  /** Problems of this engine only. */
  readonly check: (model: ProxyModel) => Problem[];
}

/** Small enough that two fit while one replaces the other. */
const REQUESTS = { cpu: kplus.Cpu.millis(100), memory: Size.mebibytes(128) };

/** CPU and memory of the engine's container. */
export function defaultResources({ memoryLimit }: FrontEngine): kplus.ContainerResources {
  return { cpu: { request: REQUESTS.cpu }, memory: { request: REQUESTS.memory, limit: memoryLimit } };
}

/** The compiler does not tell a user that a class must have an engine, because declarations leave out internal members. */
export function checkEngine(engine: unknown, name: string): Problem[] {
  return checkThat(engine !== undefined, {
    code: 'type-wrong',
    what: `${name} extends FrontProxy itself, and so has no engine`,
    fix: 'extend FrontEnvoy, FrontHaproxy or FrontNginx',
  });
}
