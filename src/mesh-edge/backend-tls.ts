// TLS between the gateway and services that speak HTTPS: a DestinationRule or a BackendTLSPolicy for each of them
import type { ApiObject } from 'cdk8s';
import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { BackendTls } from './expose-options';
import type { RouteApi } from './route-api';
import type { RouteObjects } from './route-objects';
import type { Backend } from './routed-host';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { Registry } from '../nodes/registry';
import type { Problem } from '../validation/problem';
import { checkDnsName, checkThat } from '../validation/values';

/** The object for a service, and the paths with TLS that it is for. */
interface WrittenRule {
  readonly object: ApiObject;
  readonly paths: Backend[];
}

/** Of all edges and entries for whose gateways the same objects hold. Istio reads one for each service. */
interface SharedRules {
  /** How the gateways reach each service: by its key below. */
  readonly known: Map<string, BackendTls | undefined>;
  /** By kind and service. */
  readonly written: Map<string, WrittenRule>;
}

/** Checks and writes how the gateway connects to its services. */
export class BackendTlsRules {
  private readonly rules: SharedRules;

  constructor(
    edge: Construct, private readonly objects: RouteObjects, private readonly gateway: IIngressGateway, private readonly routeApi: RouteApi,
  ) {
    // a BackendTLSPolicy is in the service's namespace, and holds for gateways of every namespace
    const scope = routeApi._isGatewayApi ? '' : gateway.toIngressGatewayConfig().namespace;
    this.rules = Registry.of(edge).shared<SharedRules>(`backend-tls/${scope}`, () => ({ known: new Map(), written: new Map() }));
  }

  /** All problems with the TLS of a new path. */
  public check(path: Backend): Problem[] {
    const key = this.keyOf(path);
    const { known } = this.rules;
    return [
      ...(path.backendTls ? checkBackendTls(path.backendTls, this.routeApi) : []),
      ...checkThat(!known.has(key) || isSame(known.get(key), path.backendTls), {
        code: 'backend-tls-conflict',
        what: `another path to ${path.service} in ${path.namespace} has another backendTls`,
        got: path.backendTls ?? 'none',
        fix: `give all paths to ${this.routeApi._isGatewayApi ? 'this service' : `its port ${path.port}`} the same backendTls`,
      }),
    ];
  }

  /** Records the path, and writes what its TLS needs. Returns the object that the path needs, if there is one. */
  public add(path: Backend): ApiObject[] {
    const { known, written } = this.rules;
    const key = this.keyOf(path);
    const isNew = !known.has(key);
    known.set(key, path.backendTls);
    if (!path.backendTls) {
      return [];
    }
    const ruleKey = `${this.routeApi._isGatewayApi ? 'BackendTLSPolicy' : 'DestinationRule'}/${path.namespace}/${path.service}`;
    const rule = written.get(ruleKey);
    if (rule) {
      rule.paths.push(...(isNew ? [path] : []));
      return [rule.object];
    }
    const paths = [path];
    const object = this.routeApi._isGatewayApi ? this.writePolicy(path, path.backendTls) : this.writeDestinationRule(path, paths);
    written.set(ruleKey, { object, paths });
    return [object];
  }

  /** A DestinationRule names a port. A BackendTLSPolicy could only name it by its name, which is not known here. */
  private keyOf({ namespace, service, port }: Backend): string {
    return [namespace, service, ...(this.routeApi._isGatewayApi ? [] : [port])].join('/');
  }

  /** It is private to the gateway's namespace, so sidecars elsewhere connect as before. */
  private writeDestinationRule({ namespace, service }: Backend, paths: Backend[]): ApiObject {
    const { clusterDomain } = this.gateway.toIngressGatewayConfig();
    const settings = () => paths.map(({ port, backendTls }) => ({ port: { number: port }, tls: clientTls(backendTls!) }));
    return this.objects.make({
      scope: `backend-tls-${namespace}.${service}`,
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      name: this.objects.nameForService(namespace, service),
      spec: {
        host: `${service}.${namespace}.svc.${clusterDomain}`,
        exportTo: ['.'],
        trafficPolicy: { portLevelSettings: Lazy.any({ produce: settings }) },
      },
    });
  }

  private writePolicy({ namespace, service }: Backend, { serverName, caConfigMapName }: BackendTls): ApiObject {
    return this.objects.make({
      scope: `backend-tls-${namespace}.${service}`,
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'BackendTLSPolicy',
      name: this.objects.nameForService(namespace, service),
      namespace,
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: service }],
        validation: {
          hostname: serverName,
          // Istio takes `hostname` for SNI only, and would accept every name of the authority. It compares these names
          subjectAltNames: [{ type: 'Hostname', hostname: serverName }],
          ...(caConfigMapName === undefined
            ? { wellKnownCACertificates: 'System' }
            : { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: caConfigMapName }] }),
        },
      },
    });
  }
}

function isSame(one: BackendTls | undefined, other: BackendTls | undefined): boolean {
  return one?.serverName === other?.serverName && one?.caSecretName === other?.caSecretName && one?.caConfigMapName === other?.caConfigMapName;
}

/** Without `credentialName`, Istio takes the authorities of the gateway's image. */
function clientTls({ serverName, caSecretName }: BackendTls): object {
  return { mode: 'SIMPLE', sni: serverName, subjectAltNames: [serverName], ...(caSecretName && { credentialName: caSecretName }) };
}

function checkBackendTls({ serverName, caSecretName, caConfigMapName }: BackendTls, routeApi: RouteApi): Problem[] {
  return [
    ...checkDnsName('host-invalid', 'backendTls.serverName', serverName),
    ...(caSecretName === undefined ? [] : checkDnsName('name-invalid', 'backendTls.caSecretName', caSecretName)),
    ...(caConfigMapName === undefined ? [] : checkDnsName('name-invalid', 'backendTls.caConfigMapName', caConfigMapName)),
    ...checkThat(caSecretName === undefined || !routeApi._isGatewayApi, {
      code: 'option-unsupported',
      what: 'Gateway API reads the authority of a service from a ConfigMap',
      got: caSecretName,
      fix: 'give backendTls.caConfigMapName, of a ConfigMap in the service\'s namespace',
    }),
    ...checkThat(caConfigMapName === undefined || routeApi._isGatewayApi, {
      code: 'option-unsupported',
      what: 'Istio\'s API reads the authority of a service from a Secret',
      got: caConfigMapName,
      fix: 'give backendTls.caSecretName, of a Secret in the gateway\'s namespace',
    }),
  ];
}
