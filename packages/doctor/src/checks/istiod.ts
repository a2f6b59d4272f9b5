// istiod must run, in a version that understands the manifests
import { isOlder, OLDEST_ISTIO, OLDEST_ISTIO_WITH_OVERLAY, SUPPORTED_ISTIO, TLS_ROUTE_V1_ISTIO } from './versions';
import { Check, Fault } from '../check';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { imagesOf, titleOf } from '../edge/workload';

const tagOf = (image: string) => /:([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? '';

/** Versions of the running istiods: the tag of the image. If that is no version, the label, in which a chart can have its own version. */
function versionsOf(pods: readonly KubeObject[]): string[] {
  const versions = pods.flatMap(({ metadata, spec }) => {
    const image: string = spec.containers.find(({ name }: { name: string }) => name === 'discovery')?.image ?? '';
    return [tagOf(image), metadata.labels?.['app.kubernetes.io/version'] ?? ''].find(version => /^v?\d+\.\d+/.test(version)) ?? [];
  });
  return [...new Set(versions)].sort();
}

/** A check that needs istiod's versions. */
const ofVersions = (run: (edge: Edge, versions: string[]) => Fault[]): Check['run'] => (edge, { cluster: { istiod } }) => run(edge, versionsOf(istiod ?? []));

/** istiod-missing */
export const istiodMissing: Check = {
  code: 'istiod-missing',
  severity: 'problem',
  finds: 'no istiod, or none that is ready',
  run: ({ workloads, objects }, { cluster: { istiod } }) => {
    const needed = workloads.some(({ role }) => role === 'gateway')
      || objects.some(({ apiVersion }) => /^(networking\.istio|gateway\.networking)\./.test(apiVersion));
    const ready = istiod?.some(({ status }) =>
      status?.conditions?.some((one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True'));
    return !needed || istiod === undefined || ready ? [] : [{
      subject: 'istiod',
      what: istiod.length === 0 ? 'no istiod runs in this cluster' : 'no pod of istiod is ready',
      got: istiod.length === 0 ? 'no pod has the label app=istiod' : istiod.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', '),
      fix: istiod.length === 0 ? 'install Istio (istioctl install, or its charts base and istiod)' : 'kubectl describe these pods',
    }];
  },
};

/** istiod-old */
export const istiodOld: Check = {
  code: 'istiod-old',
  severity: 'problem',
  finds: `an istiod older than ${OLDEST_ISTIO}; with a gateway that istiod deploys, older than ${OLDEST_ISTIO_WITH_OVERLAY}`,
  run: ofVersions(({ workloads }, versions) => {
    const oldest = workloads.some(({ madeByIstiod }) => madeByIstiod) ? OLDEST_ISTIO_WITH_OVERLAY : OLDEST_ISTIO;
    return versions.filter(version => isOlder(version, oldest)).map(version => ({
      subject: 'istiod', what: `these manifests need Istio ${oldest} or newer`, got: version, fix: `upgrade Istio to ${SUPPORTED_ISTIO.join(' or ')}`,
    }));
  }),
};

/** istiod-unsupported */
export const istiodUnsupported: Check = {
  code: 'istiod-unsupported',
  severity: 'advice',
  finds: `an istiod that this library does not support: ${SUPPORTED_ISTIO.join(' and ')} are supported`,
  run: ofVersions((_, versions) => versions
    .filter(version => !isOlder(version, OLDEST_ISTIO) && !SUPPORTED_ISTIO.some(one => !isOlder(one, version) && !isOlder(version, one)))
    .map(version => ({
      subject: 'istiod',
      what: isOlder(version, SUPPORTED_ISTIO[0]) ? 'Istio no longer supports this version' : 'it is newer than what this library was tested with',
      got: version,
      fix: isOlder(version, SUPPORTED_ISTIO[0]) ? `upgrade Istio to ${SUPPORTED_ISTIO.join(' or ')}` : 'look for a newer version of this library, and test an update of the gateways',
    }))),
};

/** gateway-newer */
export const gatewayNewer: Check = {
  code: 'gateway-newer',
  severity: 'problem',
  finds: 'a gateway whose version is newer than istiod\'s, which Istio does not support',
  run: ofVersions(({ workloads }, versions) => versions.length === 0 ? [] : workloads.filter(({ role }) => role === 'gateway').flatMap(workload =>
    imagesOf(workload).map(tagOf).filter(tag => versions.every(version => isOlder(version, tag))).map(tag => ({
      subject: titleOf(workload),
      what: 'the gateway is newer than istiod',
      got: `gateway ${tag}, istiod ${versions.join(', ')}`,
      fix: 'upgrade istiod first, or set istio: { version } to that of istiod',
    })))),
};

/** tls-route-version */
export const tlsRouteVersion: Check = {
  code: 'tls-route-version',
  severity: 'problem',
  finds: 'a TLSRoute in a version that this istiod ignores',
  run: ofVersions(({ objects }, versions) => versions.length === 0 ? [] : objects.filter(({ kind }) => kind === 'TLSRoute').flatMap(({ apiVersion, metadata }) => {
    const alpha = /alpha/.test(apiVersion);
    const ignored = versions.every(version => isOlder(version, TLS_ROUTE_V1_ISTIO) !== alpha);
    return !ignored ? [] : [{
      subject: `TLSRoute ${metadata.namespace}/${metadata.name}`,
      what: 'istiod ignores it, and clients do not reach the service',
      got: `${apiVersion}, istiod ${versions.join(', ')}`,
      fix: alpha ? 'use RouteApi.GATEWAY_API, which writes v1' : 'upgrade Istio, or use RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 })',
    }];
  })),
};
