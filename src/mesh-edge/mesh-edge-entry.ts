// what clients of some addresses reach: a gateway, and the hosts that it opens
import { Construct } from 'constructs';
import { isHostGateway } from './check-mesh-edge';
import type { ExposeOptions, ExposeTcpOptions, TlsPassthroughOptions } from './expose-options';
import type { ExposedHost } from './exposed-host';
import type { ExposedRoute } from './exposed-route';
import type { Exposures } from './exposures';
import type { TopologyEntry } from './topology';
import type { IngressGateway } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { validateCall } from '../validation/shapes';
import type { VirtualAddress } from '../vip/virtual-address';

/**
 * An entry of an edge: virtual addresses, their gateway, and the hosts that clients reach there.
 *
 * The edge itself is its first entry. `MeshEdge.addEntry()` adds others.
 */
export abstract class MeshEdgeEntry extends Construct {
  /**
   * The gateway.
   */
  public abstract readonly gateway: IIngressGateway;

  /**
   * The gateway on the pod network, if the edge made one for this entry.
   */
  public abstract readonly ingressGateway?: IngressGateway;

  /**
   * Virtual addresses of this entry; empty if an edge has none.
   */
  public abstract readonly virtualAddresses: VirtualAddress[];

  /**
   * Opens a host to clients. Writes the objects of `routeApi`.
   *
   * With `tlsSecretName` the gateway serves HTTPS, and redirects HTTP to it. To add paths, call `addPath()` of the returned host.
   *
   * @param host Name in lower case: `shop.example.com`, `*.example.com`, or `*` for every host that is not exposed otherwise.
   * @param options Service, port, TLS and more.
   * @returns The host, to which paths can be added.
   * @throws host-invalid, host-wildcard-invalid, host-twice, tls-secret-namespace, path-invalid, gateway-port-unknown and more
   */
  public expose(host: string, options: ExposeOptions): ExposedHost {
    validateCall('MeshEdgeEntry.expose', { host, options }, this.node.path);
    return this._exposures().add(host, options);
  }

  /**
   * Opens a host whose TLS passes through the gateway: the service itself has the certificate. Writes the objects of `routeApi`.
   *
   * The gateway finds the service by the server name that clients send (SNI). It cannot read requests, so such a host has one service
   * and no paths. Clients reach it on port 443.
   *
   * @param host Name in lower case: `vault.example.com`, or `*.example.com`.
   * @param options Service, port and redirect.
   * @returns The objects that open it.
   * @throws host-invalid, host-wildcard-invalid, host-twice, gateway-port-unknown, tls-route-version-unread and more
   */
  public exposeTlsPassthrough(host: string, options: TlsPassthroughOptions): ExposedRoute {
    validateCall('MeshEdgeEntry.exposeTlsPassthrough', { host, options }, this.node.path);
    return this._exposures().addPassthrough(host, options);
  }

  /**
   * Opens a TCP service on a port of its own, or TLS services on one port. Writes the objects of `routeApi`.
   *
   * The front proxy and the gateway open the port on their nodes and in their Services. An existing gateway must have it already.
   * With a `serverName`, several services share the port, and clients must speak TLS.
   *
   * @param edgePort Port that clients use: 1 to 65535, not 80, 443, one of Istio's, or one of the nodes' own daemons, such as 22 and 10250.
   * @param options Service, port and TLS.
   * @returns The objects that open it.
   * @throws port-out-of-range, port-reserved-by-edge, port-reserved-by-istio, port-reserved-by-node, port-twice, port-protocol-mixed, route-twice and more
   */
  public exposeTcp(edgePort: number, options: ExposeTcpOptions): ExposedRoute {
    validateCall('MeshEdgeEntry.exposeTcp', { edgePort, options }, this.node.path);
    return this._exposures().addTcp(edgePort, options);
  }

  /**
   * What a picture of the edge shows of this entry.
   *
   * @internal
   */
  public _pictured(): TopologyEntry {
    const { namespace, serviceName, listeners } = this.gateway.toIngressGatewayConfig();
    return {
      addresses: this.virtualAddresses.flatMap(({ addresses }) => addresses),
      gateway: { name: `${namespace}/${serviceName}`, onNodes: isHostGateway(this.gateway), ports: listeners.map(({ port }) => port) },
      services: this._exposures().services(),
    };
  }

  /** @internal */
  protected abstract _exposures(): Exposures;
}
