// what MeshEdge.expose() returns
import type { ApiObject } from 'cdk8s';
import type { PathOptions } from './expose-options';

/** Adds a path to the host. */
type AddPath = (pathPrefix: string, options: PathOptions) => void;

/**
 * A host that `MeshEdge.expose()` has opened.
 */
export class ExposedHost {
  /** @internal */
  public static _of(host: string, objects: ApiObject[], addPath: AddPath): ExposedHost {
    return new ExposedHost(host, objects, addPath);
  }

  /**
   * The host's name.
   */
  public readonly host: string;

  private constructor(host: string, private readonly objects: ApiObject[], private readonly add: AddPath) {
    this.host = host;
  }

  /**
   * The objects that open it, with those of its paths so far.
   *
   * With `RouteApi.ISTIO`: a `Gateway` and a `VirtualService`. With Gateway API: each `Gateway`, `HTTPRoute` and `ReferenceGrant`.
   * Their names and construct paths are stable. Hosts of one certificate share a `Gateway`, and hosts without a certificate share one:
   * a patch of it changes all of them.
   */
  public get apiObjects(): ApiObject[] {
    return [...this.objects];
  }

  /**
   * Sends a path of the host to another service.
   *
   * The prefix itself and everything below it match. The longest match wins.
   *
   * @param pathPrefix Prefix that begins with a slash, such as `/api`.
   * @param options Service, port and more.
   * @returns This host, so that calls can be chained.
   * @throws path-invalid, route-twice, name-invalid, port-out-of-range and more
   */
  public addPath(pathPrefix: string, options: PathOptions): ExposedHost {
    this.add(pathPrefix, options);
    return this;
  }
}
