// the front proxy that is HAProxy
import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { FrontEngine } from './front-engine';
import { FrontProxy } from './front-proxy';
import type { FrontProxyProps } from './front-proxy-props';
import { checkHaproxy } from '../engines/haproxy/check';
import { HAPROXY_IMAGE, haproxyProcess } from '../engines/haproxy/process';
import { validateNew } from '../validation/shapes';

/**
 * Properties for `FrontHaproxy`.
 */
export interface FrontHaproxyProps extends FrontProxyProps {}

const ENGINE: FrontEngine = {
  application: 'front-haproxy',
  image: HAPROXY_IMAGE,
  memoryLimit: Size.gibibytes(1),
  process: haproxyProcess,
  check: checkHaproxy,
};

/**
 * HAProxy as front proxy: balances over the gateway's pods, and checks each of them.
 *
 * The image needs bash and perl, as in `docker.io/library/haproxy`. The Alpine variant lacks them.
 *
 * @see https://docs.haproxy.org/3.2/configuration.html
 */
export class FrontHaproxy extends FrontProxy {
  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, gateway and more.
   * @throws option-unknown, type-wrong, port-twice, gateway-port-unknown, connections-over-file-descriptors, haproxy-concurrency and more
   */
  constructor(scope: Construct, id: string, props: FrontHaproxyProps) {
    validateNew('FrontHaproxy', new.target, scope, id, props);
    super(scope, id, props);
  }

  /** @internal */
  protected _engine(): FrontEngine {
    return ENGINE;
  }
}
