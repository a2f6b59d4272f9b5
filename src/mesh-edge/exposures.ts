// hosts and paths → Istio objects: a VirtualService for each host, a Gateway for all hosts of one certificate
import { createHash } from 'crypto';
import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { checkExposure } from './check-exposure';
import type { ExposureWay } from './check-exposure';
import type { ExposeOptions } from './expose-options';
import { HTTP_PORT, HTTPS_PORT, routes } from './routes';
import type { ExposedHost } from './routes';
import { claimObjectNames, nameOf, standardLabels } from '../edge-host/names';
import type { Labels } from '../edge-host/names';
import { Registry } from '../edge-host/registry';
import { mustBeFine } from '../problem/problem';

const API_VERSION = 'networking.istio.io/v1';

/** Room for the prefix, and for what Istio makes of the name. */
const LONGEST_HOST_NAME = 200;

export interface ExposuresProps extends ExposureWay {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** What an edge has opened so far. */
export class Exposures {
  private readonly hosts = new Map<string, ExposedHost>();
  /** Hosts of each Gateway, by the name of the certificate's Secret; plain HTTP has none. */
  private readonly gateways = new Map<string | undefined, string[]>();

  constructor(private readonly edge: Construct, private readonly props: ExposuresProps) {}

  /** Adds a path of a host; the first one makes the host's objects. */
  public add(host: string, options: ExposeOptions): void {
    const known = this.hosts.get(host);
    mustBeFine(checkExposure(host, options, this.props, known), this.edge.node.path);
    const { namespace, clusterDomain } = this.props.gateway.toIngressGatewayConfig();
    const path = {
      pathPrefix: options.pathPrefix ?? '/',
      destination: { host: `${options.service}.${options.serviceNamespace ?? namespace}.svc.${clusterDomain}`, port: { number: options.port } },
    };
    if (known) {
      known.paths.push(path);
    } else {
      this.open(host, { tlsSecretName: options.tlsSecretName, paths: [path] });
    }
  }

  private open(host: string, exposed: ExposedHost): void {
    this.hosts.set(host, exposed);
    this.claim(host);
    const scope = new Construct(this.edge, `expose-${objectNameOf(host)}`);
    new ApiObject(scope, 'VirtualService', {
      apiVersion: API_VERSION,
      kind: 'VirtualService',
      metadata: this.metadata(objectNameOf(host)),
      spec: {
        hosts: [host],
        gateways: [this.admit(host, exposed.tlsSecretName)],
        http: Lazy.any({ produce: () => routes(exposed.paths) }),
      },
    });
    claimObjectNames(scope);
  }

  /**
   * Adds the host to the Gateway of its certificate, and gives its name. One Gateway each would answer 404 to browsers, which use one
   * HTTP/2 connection for all hosts of a certificate: https://istio.io/latest/docs/reference/config/analysis/ist0138/
   */
  private admit(host: string, tlsSecretName: string | undefined): string {
    const id = tlsSecretName === undefined ? 'http' : `tls-${tlsSecretName}`;
    const metadata = this.metadata(id);
    const hosts = this.gateways.get(tlsSecretName);
    if (hosts) {
      hosts.push(host);
      return metadata.name;
    }
    const admitted = [host];
    this.gateways.set(tlsSecretName, admitted);
    const scope = new Construct(this.edge, `gateway-${id}`);
    new ApiObject(scope, 'Gateway', {
      apiVersion: API_VERSION,
      kind: 'Gateway',
      metadata,
      spec: { selector: this.props.gateway.selector, servers: Lazy.any({ produce: () => servers(admitted, tlsSecretName) }) },
    });
    claimObjectNames(scope);
    return metadata.name;
  }

  /** Two edges before one gateway could give one host two meanings. */
  private claim(host: string): void {
    const { serviceName, namespace } = this.props.gateway.toIngressGatewayConfig();
    Registry.of(this.edge).claim({
      claimant: this.edge,
      key: `host/${namespace}/${serviceName}/${host}`,
      against: earlier => ({
        code: 'host-twice',
        what: `${host} is also exposed by ${earlier.claimant.node.path}, through the same gateway`,
        fix: 'expose all paths of a host by one edge',
      }),
    });
  }

  private metadata(id: string) {
    return {
      name: `${nameOf(this.edge)}-${id}`,
      namespace: this.props.gateway.toIngressGatewayConfig().namespace,
      labels: { ...this.props.labels, ...standardLabels(this.edge, 'mesh-edge', 'route') },
      annotations: { ...this.props.annotations },
    };
  }
}

function servers(hosts: string[], tlsSecretName: string | undefined): object[] {
  const http = { number: HTTP_PORT, name: 'http', protocol: 'HTTP' };
  const https = { number: HTTPS_PORT, name: 'https', protocol: 'HTTPS' };
  return tlsSecretName === undefined ? [{ port: http, hosts }] : [
    { port: http, hosts, tls: { httpsRedirect: true } },
    { port: https, hosts, tls: { mode: 'SIMPLE', credentialName: tlsSecretName } },
  ];
}

/**
 * One name for each host, never the same for two: dots become dashes and dashes are doubled; three in a row,
 * which no host gives, mark a wildcard.
 */
function objectNameOf(host: string): string {
  const name = host.replace(/-/g, '--').replace(/^\*\./, 'wildcard---').replace(/\./g, '-');
  return name.length <= LONGEST_HOST_NAME
    ? name
    : `${name.slice(0, LONGEST_HOST_NAME).replace(/-+$/, '')}-${createHash('sha256').update(host).digest('hex').slice(0, 8)}`;
}
