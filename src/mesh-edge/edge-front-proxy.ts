// the choice of an edge's front proxy, with its options
import type { Construct } from 'constructs';
import { FrontEnvoy } from '../front/front-envoy';
import { FrontHaproxy } from '../front/front-haproxy';
import { FrontNginx } from '../front/front-nginx';
import type { FrontProxy } from '../front/front-proxy';
import type { FrontProxyOptions, FrontProxyProps } from '../front/front-proxy-props';
import { validateCall } from '../validation/shapes';

/** Makes the front proxy as a child of the edge. */
type Make = (edge: Construct, props: FrontProxyProps) => FrontProxy;

/**
 * The front proxy of a `MeshEdge`, or none.
 */
export class EdgeFrontProxy {
  /**
   * Envoy: the edge makes a `FrontEnvoy`.
   *
   * @param options Options that replace its defaults.
   * @throws option-unknown, type-wrong
   */
  public static envoy(options: FrontProxyOptions = {}): EdgeFrontProxy {
    validateCall('EdgeFrontProxy.envoy', { options });
    return new EdgeFrontProxy(options, (edge, props) => new FrontEnvoy(edge, 'front-envoy', props));
  }

  /**
   * HAProxy: the edge makes a `FrontHaproxy`.
   *
   * @param options Options that replace its defaults.
   * @throws option-unknown, type-wrong
   */
  public static haproxy(options: FrontProxyOptions = {}): EdgeFrontProxy {
    validateCall('EdgeFrontProxy.haproxy', { options });
    return new EdgeFrontProxy(options, (edge, props) => new FrontHaproxy(edge, 'front-haproxy', props));
  }

  /**
   * nginx: the edge makes a `FrontNginx`.
   *
   * @param options Options that replace its defaults.
   * @throws option-unknown, type-wrong
   */
  public static nginx(options: FrontProxyOptions = {}): EdgeFrontProxy {
    validateCall('EdgeFrontProxy.nginx', { options });
    return new EdgeFrontProxy(options, (edge, props) => new FrontNginx(edge, 'front-nginx', props));
  }

  /**
   * No front proxy: a gateway on the host network of the edge nodes answers clients itself.
   */
  public static none(): EdgeFrontProxy {
    return new EdgeFrontProxy({});
  }

  /** @internal */
  public readonly _options: FrontProxyOptions;

  /**
   * Undefined if there is no front proxy.
   *
   * @internal
   */
  public readonly _make?: Make;

  private constructor(options: FrontProxyOptions, make?: Make) {
    this._options = options;
    this._make = make;
  }
}
