// Gateway API's ReferenceGrant: lets routes lead to services of other namespaces
import type { ApiObject } from 'cdk8s';
import { Lazy } from 'cdk8s';
import { GATEWAY_API_GROUP } from './gateway-api';
import type { RouteObjects } from './route-objects';
import type { Backend } from './routed-host';

/** The grants of one edge. */
export class ReferenceGrants {
  /** For each service of another namespace: the kinds of routes that lead to it. */
  private readonly kinds = new Map<string, Set<string>>();

  /** `namespace`: of the routes. */
  constructor(private readonly objects: RouteObjects, private readonly namespace: string) {}

  /** The grant that a route of this kind needs: none for a service of its own namespace. */
  public grant({ service, namespace }: Backend, routeKind: string): ApiObject[] {
    if (namespace === this.namespace) {
      return [];
    }
    const key = `${namespace}.${service}`;
    const known = this.kinds.get(key);
    if (known) {
      known.add(routeKind);
      return [this.objects.made(`grant-${key}`, 'ReferenceGrant')];
    }
    const kinds = new Set([routeKind]);
    this.kinds.set(key, kinds);
    return [this.objects.make({
      scope: `grant-${key}`,
      // the only version in Gateway API 1.4; 1.5 and 1.6 store it, and istiod 1.31 reads it
      apiVersion: `${GATEWAY_API_GROUP}/v1beta1`,
      kind: 'ReferenceGrant',
      name: this.objects.nameForService(namespace, service),
      namespace,
      spec: {
        from: Lazy.any({ produce: () => [...kinds].map(kind => ({ group: GATEWAY_API_GROUP, kind, namespace: this.namespace })) }),
        to: [{ group: '', kind: 'Service', name: service }],
      },
    })];
  }
}
