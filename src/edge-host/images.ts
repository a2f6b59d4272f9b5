// default images, pinned by tag, in one table

/** What a construct runs unless it is told another image. */
export const IMAGES = {
  /** @see https://hub.docker.com/r/envoyproxy/envoy */
  envoy: 'docker.io/envoyproxy/envoy:v1.40.0',
  /** Long-term support line. @see https://hub.docker.com/_/haproxy */
  haproxy: 'docker.io/library/haproxy:3.2.26',
  /** Stable line. @see https://hub.docker.com/_/nginx */
  nginx: 'docker.io/library/nginx:1.30.6',
  /**
   * keepalived 2.4.3 on Alpine, without a process wrapper. There is no official image; `images/keepalived` builds one.
   * @see https://github.com/cplieger/docker-keepalived
   */
  keepalived: 'ghcr.io/cplieger/docker-keepalived:v2.1.2',
} as const;

/** Registry and path of Istio's images; the version is the tag. */
export const ISTIO_HUB = 'docker.io/istio';
