// what MeshEdge.expose() returns
import type { PathOptions } from './expose-options';

/**
 * A host that `MeshEdge.expose()` has opened.
 */
export class ExposedHost {
  /** @internal */
  public static _of(host: string, addPath: (pathPrefix: string, options: PathOptions) => void): ExposedHost {
    return new ExposedHost(host, addPath);
  }

  /**
   * The host's name.
   */
  public readonly host: string;

  private constructor(host: string, private readonly add: (pathPrefix: string, options: PathOptions) => void) {
    this.host = host;
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
