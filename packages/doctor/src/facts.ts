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
  /** keepalived's pods that run. */
  readonly keepalived: readonly KeepalivedFacts[];
  readonly connectionsLeft: readonly ConnectionsLeft[];
  readonly clocks: readonly ClockFacts[];
  /** Cilium's setting `policy-cidr-match-mode`; undefined without Cilium. */
  readonly ciliumCidrMode?: string;
}

/** What a probe of a node found. */
export interface NodeFacts {
  /** Name of the node. */
  readonly node: string;
  readonly interfaces: readonly NetworkInterface[];
  /** Values of files below /proc/sys. One that the kernel does not have is missing. */
  readonly settings: { readonly [file: string]: string };
  /** TCP ports of the edge on which something listens. */
  readonly listeners: readonly number[];
  /** TCP ports without a listener at which an own address accepts connections. */
  readonly redirected: readonly { readonly port: number; readonly address: string }[];
  /** Own addresses of the manifests that the node does not have. */
  readonly unbound: readonly string[];
  /** Who answers for a virtual address. */
  readonly answers: readonly { readonly address: string; readonly hardwareAddress: string }[];
  /** VRRP routers that it heard. */
  readonly adverts: readonly Advert[];
  /** Nodes from which VRRP packets should arrive. */
  readonly peers: readonly VrrpPeer[];
  /** Nodes from which VRRP packets arrived. */
  readonly heard: readonly VrrpPeer[];
}

/** A network interface of a node. */
export interface NetworkInterface {
  readonly name: string;
  readonly mtu: number;
  /** The kernel's operstate: up, down, unknown, … */
  readonly state: string;
  readonly hardwareAddress: string;
}

/** An advert of a VRRP router. */
export interface Advert {
  readonly networkInterface: string;
  readonly source: string;
  readonly virtualRouterId: number;
  readonly hardwareAddress: string;
}

/** A node that sends VRRP packets in an address family. */
export interface VrrpPeer {
  readonly node: string;
  readonly family: 'IPv4' | 'IPv6';
}

/** What keepalived's container on a node says. */
export interface KeepalivedFacts {
  readonly namespace: string;
  readonly workload: string;
  readonly node: string;
  /** States of the VRRP instances: MASTER, BACKUP, FAULT. Undefined if the pod runs and does not answer. */
  readonly states?: { readonly [instance: string]: string };
  /** Whether each health check is healthy. */
  readonly checks: { readonly [name: string]: boolean };
}

/** Connections that are left on a node that clients leave. */
export interface ConnectionsLeft {
  readonly node: string;
  readonly pod: string;
  readonly count: number;
}

/** How far the clock of a node is ahead of the API server's. */
export interface ClockFacts {
  readonly node: string;
  readonly aheadSeconds: number;
}

/** Something that could not be asked. */
export interface Unchecked {
  readonly what: string;
  readonly why: string;
}

/** All that was gathered. */
export interface Facts {
  readonly cluster: ClusterFacts;
  /** Empty if the nodes were not probed. */
  readonly nodes: readonly NodeFacts[];
  /** The pods once more, when the nodes had been probed: an update or a restart can go on meanwhile. */
  readonly podsAfterProbes: readonly KubeObject[];
  readonly now: Date;
}
