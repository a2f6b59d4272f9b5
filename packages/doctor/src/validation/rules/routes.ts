// resources of Istio and Gateway API that istiod ignores, or that open a port to everybody
import { isOlder, numberOf, TLS_ROUTE_V1_ISTIO } from '../../checks/versions';
import { KubeObject, matchesLabels, nameOf } from '../../edge/objects';
import { imagesOf, Workload } from '../../edge/workload';
import { listOf } from '../pods';
import { Manifests, Rule } from '../rule';

/** A gateway that a front proxy of the manifests reaches by a loopback address. */
function isLoopbackGateway({ hostNetwork, hostPorts, role }: Workload, { objects, workloads }: Manifests): boolean {
  const mounted = workloads.filter(one => one.role === 'front-proxy').flatMap(({ namespace, template }) =>
    listOf(template.spec.volumes).map(volume => `${namespace}/${volume.configMap?.name}`));
  const texts = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && mounted.includes(`${metadata.namespace ?? 'default'}/${metadata.name}`))
    .flatMap(({ data }) => Object.values(data ?? {}).map(String));
  const sendsTo = (port: number) => texts.some(text =>
    new RegExp(`(127\\.0\\.0\\.1|\\[?::1\\]?)("|')?(:|,?\\s*"?port_?[vV]alue"?:\\s*)${port}\\b`).test(text));
  return role === 'gateway' && hostNetwork && hostPorts.some(sendsTo);
}

const isLoopback = (bind: unknown) => /^(127\.|::1$|unix:)/.test(String(bind ?? ''));

/** gateway-bind */
export const gatewayBind: Rule = {
  name: 'gateway-bind',
  find: manifests => {
    const gateways = manifests.workloads.filter(workload => isLoopbackGateway(workload, manifests));
    const open = (object: KubeObject) => listOf(object.spec?.servers).flatMap((server, index) => isLoopback(server.bind) ? [] : [{
      object, location: `spec.servers[${index}]: port ${server.port?.number}, ${server.bind === undefined ? 'no bind' : `bind: ${server.bind}`}`,
    }]);
    return manifests.objects.filter(({ apiVersion, kind }) => kind === 'Gateway' && apiVersion.startsWith('networking.istio.io/')).flatMap(object => {
      const workload = gateways.find(({ template }) => matchesLabels(template.metadata?.labels, object.spec?.selector ?? {}));
      const places = open(object);
      return workload === undefined || places.length === 0 ? [] : [{
        what: `${nameOf(object)} opens a port of ${workload.name} on every address of the node: clients go past the front proxy, `
          + 'and the gateway believes the client address that they claim',
        places,
        fix: 'set bind: 127.0.0.1 in each of its servers',
      }];
    });
  },
};

/** Versions of Istio that the manifests name. */
function istioVersionsOf({ istioVersion, workloads }: Manifests): string[] {
  const images = workloads.filter(({ role }) => role === 'gateway').flatMap(imagesOf);
  const tags = images.flatMap(image => /\/proxyv2:([\w.-]+)/.exec(image)?.[1] ?? []).filter(tag => numberOf(tag) !== undefined);
  return istioVersion === undefined ? tags : [istioVersion];
}

/** tls-route-version */
export const tlsRouteVersion: Rule = {
  name: 'tls-route-version',
  find: manifests => {
    const versions = istioVersionsOf(manifests);
    const readsV1 = !versions.some(version => isOlder(version, TLS_ROUTE_V1_ISTIO));
    const given = versions.length === 0 ? `Istio ${TLS_ROUTE_V1_ISTIO} and newer` : `Istio ${versions[0]}`;
    return manifests.objects.filter(({ kind, apiVersion }) => kind === 'TLSRoute' && /alpha/.test(apiVersion) === readsV1).map(object => ({
      what: `${given} ignores ${nameOf(object)}, and clients do not reach its service`,
      places: [{ object, location: `apiVersion: ${object.apiVersion}` }],
      fix: readsV1
        ? 'use gateway.networking.k8s.io/v1, as RouteApi.GATEWAY_API does; for an older Istio, set the property istioVersion of the validation'
        : 'use v1alpha2, as RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 }) does, or upgrade Istio',
    }));
  },
};
