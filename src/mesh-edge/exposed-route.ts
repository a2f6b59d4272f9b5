// what the methods of MeshEdge return that open one service
import type { ApiObject } from 'cdk8s';

/**
 * A service that `MeshEdge.exposeTcp()` or `MeshEdge.exposeTlsPassthrough()` has opened.
 */
export class ExposedRoute {
  /** @internal */
  public static _of(objects: ApiObject[]): ExposedRoute {
    return new ExposedRoute(objects);
  }

  private constructor(private readonly objects: ApiObject[]) {}

  /**
   * The objects that open it: `Gateway`, route, and what the service needs besides.
   *
   * With Gateway API that can be a `ReferenceGrant`. Their names and construct paths are stable. A patch of an object that services share changes all of them.
   */
  public get apiObjects(): ApiObject[] {
    return [...this.objects];
  }
}
