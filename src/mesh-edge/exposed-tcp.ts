// the TCP services that an edge exposes, and the ports that they need
import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { BackendTlsRules } from './backend-tls';
import type { ExposureContext } from './check-exposure';
import { checkShared, checkTcp } from './check-tcp';
import type { ExposeTcpOptions } from './expose-options';
import type { HostRoutes } from './routed-host';
import type { RoutedTcp } from './routed-tcp';
import { Registry } from '../nodes/registry';
import type { Claim } from '../nodes/registry';
import { throwIfAny } from '../validation/problem';

interface TcpClaim extends Claim {
  readonly route: RoutedTcp;
}

/** Checks, records and writes the TCP services of one edge. */
export class ExposedTcp {
  /** What it exposes so far. */
  public readonly all: RoutedTcp[] = [];

  constructor(
    private readonly edge: Construct, private readonly context: ExposureContext, private readonly routes: HostRoutes,
    private readonly backendTls: BackendTlsRules,
  ) {}

  /** Exposes a service. Opens its port at the front proxy and the gateway, unless they have it. */
  public add(port: number, options: ExposeTcpOptions): ApiObject[] {
    const { service, serviceNamespace, port: servicePort, serverName, tlsSecretName } = options;
    const namespace = serviceNamespace ?? this.context.gateway.toIngressGatewayConfig().namespace;
    const backend = { service, namespace, port: servicePort };
    throwIfAny([...checkTcp(port, options, this.context, this.all), ...this.backendTls.check(backend)], this.edge.node.path);
    this.openPort(port);
    const route = { port, serverName, secretName: tlsSecretName, backend };
    this.all.push(route);
    this.claim(route);
    return [...this.routes.openTcp(route), ...this.backendTls.add(backend)];
  }

  private openPort(port: number): void {
    const { gateway, frontProxy, frontEntry, openGatewayPort } = this.context;
    if (!gateway.toIngressGatewayConfig().listeners.some(listener => listener.port === port)) {
      openGatewayPort!(port);
    }
    if (frontProxy && !frontProxy._listenersOf(frontEntry).some(listener => listener.port === port)) {
      frontProxy._addListener(port, frontEntry);
    }
  }

  /** Another edge with the same gateway cannot have the port, unless server names tell the connections apart. */
  private claim(route: RoutedTcp): void {
    const { serviceName, namespace } = this.context.gateway.toIngressGatewayConfig();
    const claim: TcpClaim = {
      claimant: this.edge,
      route,
      key: `tcp-service/${namespace}/${serviceName}/${route.port}`,
      clashWith: earlier => {
        const [problem] = earlier.claimant === this.edge ? [] : checkShared(route, (earlier as TcpClaim).route);
        return problem && { ...problem, what: `${problem.what}, from ${earlier.claimant.node.path} with the same gateway` };
      },
    };
    Registry.of(this.edge).claim(claim);
  }
}
