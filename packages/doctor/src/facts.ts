// what was gathered from the cluster. The checks compare it with the edge, and ask nothing themselves
import { KubeObject } from './edge/objects';

/** A certificate as it is in the cluster. */
export interface StoredCertificate {
  readonly namespace: string;
  readonly secret: string;
  /** The PEM text of `tls.crt`; empty if the Secret has none. Undefined if there is no such Secret. */
  readonly pem?: string;
}

/** A workload whose pods the API server was asked to accept, without making one. */
export interface TriedPod {
  readonly namespace: string;
  readonly workload: string;
  /** Why the API server refuses the pod. */
  readonly refusal?: string;
  /** Images of the accepted pod, after all webhooks. */
  readonly images: readonly string[];
}

/** What kubectl told about the cluster. */
export interface ClusterFacts {
  /** Version of the API server, such as v1.36.3. */
  readonly version: string;
  readonly nodes: readonly KubeObject[];
  readonly namespaces: readonly KubeObject[];
  /** The kinds that the API server knows, by API version. Empty for a version that it does not have; missing if it did not answer. */
  readonly kinds: { readonly [apiVersion: string]: readonly string[] };
  /** Pods on the edge's nodes and in its namespaces. */
  readonly pods: readonly KubeObject[];
  /** istiod's pods. Undefined if it could not be asked. */
  readonly istiod?: readonly KubeObject[];
  /** All Services. */
  readonly services: readonly KubeObject[];
  /** DaemonSets and Deployments in the edge's namespaces. */
  readonly workloads: readonly KubeObject[];
  /** NetworkPolicies in the edge's namespaces. */
  readonly policies: readonly KubeObject[];
  readonly certificates: readonly StoredCertificate[];
  readonly tried: readonly TriedPod[];
  /** Cilium's setting `policy-cidr-match-mode`; undefined without Cilium. */
  readonly ciliumCidrMode?: string;
}

/** Something that could not be asked. */
export interface Unchecked {
  readonly what: string;
  readonly why: string;
}

/** All that was gathered. */
export interface Facts {
  readonly cluster: ClusterFacts;
  readonly now: Date;
}
