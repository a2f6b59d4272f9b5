// the shape of a rule of `cdk8s synth`
import { PodOf } from './pods';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';

/** What a rule reads: the final manifests, those of the user included. */
export interface Manifests extends Edge {
  readonly pods: readonly PodOf[];
  /** Version of Istio, if the user gives it. */
  readonly istioVersion?: string;
}

/** Where a rule is broken. */
export interface Place {
  readonly object: KubeObject;
  /** A field, and its value: `spec.template.spec.dnsPolicy: ClusterFirst`. */
  readonly location: string;
}

/** One breach of a rule. */
export interface Violation {
  /** What is wrong, and what comes of it, as a full sentence without a period. */
  readonly what: string;
  readonly places: readonly Place[];
  readonly fix: string;
}

/** Something that manifests alone can show. */
export interface Rule {
  /** Stable: `ignore` and the sections of docs/validation.md use it. */
  readonly name: string;
  find(manifests: Manifests): Violation[];
}
