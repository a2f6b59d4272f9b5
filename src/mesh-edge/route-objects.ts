// how the objects behind expose() are named, labelled and booked, whichever API they belong to
import { createHash } from 'crypto';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { claimObjectNames, nameOf, standardLabels } from '../workload/names';
import type { Labels } from '../workload/names';

/** Room for the edge's name before it, and a part's after it, in 253 characters. */
const LONGEST_HOST_NAME = 180;

/** Istio's webhook wants Gateways to be named by one DNS label. */
const LONGEST_GATEWAY_NAME = 63;

export interface RouteObject {
  /** Id of the construct that holds the object. */
  readonly scope: string;
  /** Id of the object in there. @default - its kind */
  readonly id?: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** @default - the gateway's */
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly spec: object;
}

/** Makes the objects of one edge. */
export class RouteObjects {
  constructor(
    private readonly edge: Construct,
    private readonly common: { readonly namespace: string; readonly labels: Labels; readonly annotations: Labels },
  ) {}

  public make({ scope, id, apiVersion, kind, name, namespace, labels, spec }: RouteObject): void {
    const parent = this.edge.node.tryFindChild(scope) as Construct | undefined ?? new Construct(this.edge, scope);
    claimObjectNames(new ApiObject(parent, id ?? kind, {
      apiVersion,
      kind,
      metadata: {
        name,
        namespace: namespace ?? this.common.namespace,
        labels: { ...this.common.labels, ...labels, ...standardLabels(this.edge, 'mesh-edge', 'route') },
        annotations: { ...this.common.annotations },
      },
      spec,
    }));
  }

  /** Name of what belongs to a host. */
  public nameOfHost(host: string): string {
    return `${nameOf(this.edge)}-${hostId(host)}`;
  }

  /** Name of what stands in a service's namespace, beside the grants of edges elsewhere. cdk8s can name files after names alone. */
  public nameOfGrant(namespace: string, service: string): string {
    return `${this.common.namespace}.${nameOf(this.edge)}.${namespace}.${service}`;
  }

  /** Name of what hosts share: one DNS label. */
  public sharedName(id: string): string {
    return toLabel(`${nameOf(this.edge)}-${id}`);
  }
}

/**
 * One id for each host, never the same for two: dots become dashes and dashes are doubled; three in a row,
 * which no host gives, mark a wildcard.
 */
export function hostId(host: string): string {
  const name = host.replace(/-/g, '--').replace(/^\*\./, 'wildcard---').replace(/\./g, '-');
  return name.length <= LONGEST_HOST_NAME ? name : `${name.slice(0, LONGEST_HOST_NAME).replace(/-+$/, '')}-${checksum(host)}`;
}

/** Secrets may have dots and 253 characters; what does not fit a label ends with a checksum. */
function toLabel(name: string): string {
  const fits = name.length <= LONGEST_GATEWAY_NAME && !name.includes('.');
  return fits ? name : `${name.replace(/\./g, '-').slice(0, LONGEST_GATEWAY_NAME - 9).replace(/-+$/, '')}-${checksum(name)}`;
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
