// the front proxy that is nginx
import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { FrontEngine } from './front-engine';
import { FrontProxy } from './front-proxy';
import type { FrontProxyProps } from './front-proxy-props';
import { checkNginx } from '../engines/nginx/check';
import { NGINX_IMAGE, nginxProcess } from '../engines/nginx/process';
import { validateNew } from '../validation/shapes';

/**
 * Properties for `FrontNginx`.
 */
export interface FrontNginxProps extends FrontProxyProps {}

const ENGINE: FrontEngine = {
  application: 'front-nginx',
  image: NGINX_IMAGE,
  memoryLimit: Size.gibibytes(1),
  process: nginxProcess,
  check: checkNginx,
};

/**
 * nginx as front proxy: sends to the gateway's cluster IP.
 *
 * It resolves names only when it starts, so it cannot follow the gateway's pods by itself.
 *
 * The image needs bash, curl and perl, as in `docker.io/library/nginx`. The Alpine variant lacks them.
 * It sends PROXY protocol version 1.
 *
 * @see https://nginx.org/en/docs/stream/ngx_stream_core_module.html
 */
export class FrontNginx extends FrontProxy {
  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, gateway and more.
   * @throws option-unknown, type-wrong, port-twice, gateway-port-unknown, connections-over-file-descriptors, nginx-connections-per-worker and more
   */
  constructor(scope: Construct, id: string, props: FrontNginxProps) {
    validateNew('FrontNginx', new.target, scope, id, props);
    super(scope, id, props);
  }

  /** @internal */
  protected _engine(): FrontEngine {
    return ENGINE;
  }
}
