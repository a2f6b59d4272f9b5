// how a service is opened to the outside

/**
 * Options for `MeshEdge.expose()`.
 */
export interface ExposeOptions {
  /**
   * Name of the Kubernetes Service.
   */
  readonly service: string;

  /**
   * Namespace of that Service.
   *
   * @default - the gateway's namespace
   */
  readonly serviceNamespace?: string;

  /**
   * Port of that Service: 1 to 65535.
   */
  readonly port: number;

  /**
   * Paths that go to this service: the prefix itself and everything below it. The longest match wins.
   *
   * @default "/"
   */
  readonly pathPrefix?: string;

  /**
   * Name of the TLS Secret, in the gateway's namespace. The same for every path of a host.
   *
   * @default - plain HTTP
   */
  readonly tlsSecretName?: string;
}
