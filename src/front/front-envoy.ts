// the front proxy that is Envoy
import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { FrontEngine } from './front-engine';
import { FrontProxy } from './front-proxy';
import type { FrontProxyProps } from './front-proxy-props';
import { checkEnvoy } from '../engines/envoy/check';
import { ENVOY_IMAGE, envoyProcess } from '../engines/envoy/process';
import { validateNew } from '../validation/shapes';

/**
 * Properties for `FrontEnvoy`.
 */
export interface FrontEnvoyProps extends FrontProxyProps {}

const ENGINE: FrontEngine = {
  application: 'front-envoy',
  image: ENVOY_IMAGE,
  memoryLimit: Size.gibibytes(3),
  process: envoyProcess,
  check: checkEnvoy,
};

/**
 * Envoy as front proxy: balances over the gateway's pods, and checks each of them.
 *
 * It stops accepting connections before it reaches its memory limit. With the default of 3 GiB, that happens at about 4,000
 * downloads to clients that read slowly.
 *
 * The image needs bash and perl, as in `docker.io/envoyproxy/envoy`. The distroless variant lacks them.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export class FrontEnvoy extends FrontProxy {
  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, gateway and more.
   * @throws option-unknown, type-wrong, port-twice, gateway-port-unknown, connections-over-file-descriptors, option-unsupported and more
   */
  constructor(scope: Construct, id: string, props: FrontEnvoyProps) {
    validateNew('FrontEnvoy', new.target, scope, id, props);
    super(scope, id, props);
  }

  /** @internal */
  protected _engine(): FrontEngine {
    return ENGINE;
  }
}
