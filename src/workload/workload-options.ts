// the props that every construct with pods has, and their checks
import { Secret } from 'cdk8s-plus-27';
import type { ContainerResources, ImagePullPolicy, ISecret } from 'cdk8s-plus-27';
import type { Construct, IConstruct } from 'constructs';
import { checkResources } from './container-resources';
import { nameOf, namespaceOf } from './names';
import type { Annotations, Labels } from './names';
import { checkTolerations } from './tolerations';
import type { Toleration } from './tolerations';
import { checkImage, checkImageRegistry } from '../validation/images';
import type { Problem } from '../validation/problem';
import { checkAnnotations, checkDnsName, checkLabels, checkThat } from '../validation/values';

/**
 * Options of every construct with pods, also if istiod deploys the pods.
 */
export interface EdgePodOptions {
  /**
   * Name of the Secret with which the image is pulled from a private registry.
   *
   * Its type is `kubernetes.io/dockerconfigjson`, its namespace the chart's.
   *
   * @default - none
   */
  readonly imagePullSecretName?: string;

  /**
   * CPU and memory of the main container. What you give replaces the default as a whole.
   *
   * Other containers of the pod have its CPU limit, unless they have their own, so that a ResourceQuota accepts the pod.
   *
   * @default - requests and a memory limit that suit the container; no CPU limit, because a throttled pod fails its health checks
   */
  readonly resources?: ContainerResources;

  /**
   * Name of the PriorityClass of the pods.
   *
   * If the nodes run out of memory or of room, pods with a lower priority go first.
   *
   * @default - `system-node-critical` for pods on the nodes' network, the cluster's default for others
   * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
   */
  readonly priorityClassName?: string;

  /**
   * Taints that the pods tolerate, besides those of `EdgeNodes.dedicated()`.
   *
   * @default - none
   */
  readonly tolerations?: Toleration[];

  /**
   * Labels on every object and pod, besides the standard ones.
   *
   * @default - none
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations on every object and pod.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

/**
 * Options of every construct that writes its pods itself.
 */
export interface EdgeWorkloadOptions extends EdgePodOptions {
  /**
   * Container image: `[registry/]name[:tag][@sha256:digest]`.
   *
   * @default - the image that the construct was tested with, pinned by tag
   */
  readonly image?: string;

  /**
   * Registry of all images of this construct: `registry.example.com:5000/mirror`.
   *
   * It replaces the registry of each image, also of an `image` that you give. Path, tag and digest stay, so the registry needs a copy under
   * the same path. An image that names this registry already stays as it is. `auto`, which istiod replaces, stays too.
   *
   * @default - each image comes from its own registry
   */
  readonly imageRegistry?: string;

  /**
   * When the node pulls the image.
   *
   * @default ImagePullPolicy.IF_NOT_PRESENT
   */
  readonly imagePullPolicy?: ImagePullPolicy;
}

/** Selectors and operators rely on these labels, so users cannot change them. */
const OWN_LABELS = ['app.kubernetes.io/', 'cdk8s.io/', 'cdk8s-istio-edge/'];

/** All problems with the common options; `reserved` are keys, or prefixes that end with a slash. */
export function checkWorkloadOptions(options: EdgeWorkloadOptions, reserved: string[] = []): Problem[] {
  const labels = options.labels ?? {};
  const allReserved = [...OWN_LABELS, ...reserved];
  const ownLabel = Object.keys(labels)
    .find(key => allReserved.some(name => name.endsWith('/') ? key.startsWith(name) : key === name));
  return [
    ...(options.image === undefined ? [] : checkImage('image', options.image)),
    ...(options.imageRegistry === undefined ? [] : checkImageRegistry('imageRegistry', options.imageRegistry)),
    ...(options.imagePullSecretName === undefined
      ? []
      : checkDnsName('name-invalid', 'imagePullSecretName', options.imagePullSecretName)),
    ...(options.priorityClassName === undefined ? [] : checkDnsName('name-invalid', 'priorityClassName', options.priorityClassName)),
    ...checkTolerations(options.tolerations),
    ...checkLabels('label', labels),
    ...checkThat(ownLabel === undefined, {
      code: 'label-reserved',
      what: 'the construct sets this label itself',
      got: ownLabel,
      fix: `omit it; the construct owns the labels ${allReserved.join(', ')}`,
    }),
    ...checkAnnotations('annotation', options.annotations ?? {}),
    // cdk8s takes an object that has this key for an instance of a class
    ...checkThat(![labels, options.annotations ?? {}].some(keys => Object.hasOwn(keys, 'constructor')), {
      code: 'label-invalid',
      what: 'cdk8s cannot write a label or annotation named constructor',
      fix: 'add a prefix, such as example.com/constructor',
    }),
    ...checkResources(options.resources ?? {}),
  ];
}

/** Options of the pod as a whole, beside its metadata. */
export type WholePodOptions = Pick<EdgePodOptions, 'imagePullSecretName' | 'priorityClassName' | 'tolerations'>;

/** Those of all options. */
export function wholePodOptions({ imagePullSecretName, priorityClassName, tolerations }: EdgePodOptions): WholePodOptions {
  return { imagePullSecretName, priorityClassName, tolerations };
}

/** Annotations that the construct sets itself cannot be given too: one of the two would be lost. */
export function checkReservedAnnotations(annotations: Annotations = {}, own: Annotations): Problem[] {
  return Object.keys(own).filter(key => key in annotations).map(key => ({
    code: 'annotation-reserved', what: 'the construct sets this annotation itself', got: key, fix: 'omit it',
  }));
}

/** Name, namespace, labels and annotations of every object of a construct; its own labels win. */
export function metadataOf(construct: IConstruct, options: EdgePodOptions, ownLabels: Labels): ObjectMetadata {
  return {
    name: nameOf(construct),
    namespace: namespaceOf(construct),
    labels: { ...options.labels, ...ownLabels },
    annotations: options.annotations ?? {},
  };
}

/** What `metadataOf` gives. */
export interface ObjectMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: { [key: string]: string };
  readonly annotations: { [key: string]: string };
}

/** A reference to the Secret with which the image is pulled, if there is one. */
export function pullSecret(scope: Construct, secretName: string | undefined): ISecret | undefined {
  return secretName === undefined ? undefined : Secret.fromSecretName(scope, 'ImagePullSecret', secretName);
}
