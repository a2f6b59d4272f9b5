// names, labels and claims of the objects that expose() writes, for both APIs
import { createHash } from 'crypto';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { registerObjects, nameOf, standardLabels } from '../workload/names';
import type { Labels } from '../workload/names';

/** Of 253 characters, this leaves room for the edge's name before it and a part's name after it. */
const LONGEST_HOST_NAME = 180;

/** Istio's webhook accepts only a DNS label as name of a Gateway. */
const LONGEST_GATEWAY_NAME = 63;

/** The name of an object joins the ids of chart, edge and entry with the host or the port. */
const RENAME = 'give one of the two edges or entries another id: their objects are named after it, followed by the host or the port';

/** An object that `expose()` writes. */
export interface RouteObject {
  /** Id of the construct that holds the object. */
  readonly scope: string;
  /** Id of the object in that construct. @default - its kind */
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
    private readonly common: { readonly namespace: string } & Readonly<Record<'labels' | 'annotations' | 'gatewayAnnotations', Labels>>,
  ) {}

  /** Makes the object, with the edge's labels and annotations. */
  public make({ scope, id, apiVersion, kind, name, namespace, labels, spec }: RouteObject): ApiObject {
    const parent = this.edge.node.tryFindChild(scope) as Construct | undefined ?? new Construct(this.edge, scope);
    const object = new ApiObject(parent, id ?? kind, {
      apiVersion,
      kind,
      metadata: {
        name,
        namespace: namespace ?? this.common.namespace,
        labels: { ...this.common.labels, ...labels, ...standardLabels(this.edge, 'mesh-edge', 'route') },
        annotations: { ...this.common.annotations, ...(kind === 'Gateway' && this.common.gatewayAnnotations) },
      },
      spec,
    });
    registerObjects(object, RENAME);
    return object;
  }

  /** The object that `make()` has made with this scope and id. */
  public made(scope: string, id: string): ApiObject {
    return this.edge.node.findChild(scope).node.findChild(id) as ApiObject;
  }

  /** Name of an object that belongs to one host. */
  public nameOfHost(host: string): string {
    return `${nameOf(this.edge)}-${hostId(host)}`;
  }

  /** Name of an object for one service. It contains both namespaces, because cdk8s can name files after object names alone. */
  public nameForService(namespace: string, service: string): string {
    return `${this.common.namespace}.${nameOf(this.edge)}.${namespace}.${service}`;
  }

  /** Name of an object that hosts share, as one DNS label. */
  public sharedName(id: string): string {
    return toLabel(`${nameOf(this.edge)}-${id}`);
  }
}

/**
 * A unique id for each host: dots become dashes, and dashes are doubled. Three dashes in a row mark a wildcard; no other host
 * gives them. The id of `*` has no dash; every other host has a dot.
 */
export function hostId(host: string): string {
  if (host === '*') {
    return 'wildcard';
  }
  const name = host.replace(/-/g, '--').replace(/^\*\./, 'wildcard---').replace(/\./g, '-');
  return name.length <= LONGEST_HOST_NAME ? name : `${name.slice(0, LONGEST_HOST_NAME).replace(/-+$/, '')}-${checksum(host)}`;
}

/** A Secret's name can have dots and 253 characters. A name that is not a DNS label is shortened, and ends with a checksum. */
function toLabel(name: string): string {
  const fits = name.length <= LONGEST_GATEWAY_NAME && !name.includes('.');
  return fits ? name : `${name.replace(/\./g, '-').slice(0, LONGEST_GATEWAY_NAME - 9).replace(/-+$/, '')}-${checksum(name)}`;
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
