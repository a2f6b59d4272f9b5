// the services behind the edge
import { Check } from '../check';
import { KubeObject, nameOf } from '../edge/objects';

/** Services that a route sends to, as namespace/name. Other hosts are outside the cluster. */
function targetsOf(route: KubeObject): string[] {
  const { kind, metadata, spec } = route;
  if (kind === 'VirtualService') {
    const rules: KubeObject[] = [...spec.http ?? [], ...spec.tls ?? [], ...spec.tcp ?? []];
    return rules.flatMap(rule => rule.route ?? []).flatMap(({ destination }) => {
      const found = /^([^.]+)\.([^.]+)\.svc\./.exec(destination.host);
      return found === null ? [] : [`${found[2]}/${found[1]}`];
    });
  }
  if (!/^(HTTP|TLS|TCP|GRPC)Route$/.test(kind)) {
    return [];
  }
  return ((spec.rules ?? []) as KubeObject[]).flatMap(rule => (rule.backendRefs ?? []) as KubeObject[])
    .filter(ref => (ref.kind ?? 'Service') === 'Service').map(ref => `${ref.namespace ?? metadata.namespace}/${ref.name}`);
}

/** service-missing */
export const serviceMissing: Check = {
  code: 'service-missing',
  severity: 'problem',
  finds: 'a Service that a route sends to, and that does not exist',
  run: ({ objects }, { cluster: { services } }) => {
    const existing = [...services, ...objects.filter(({ kind }) => kind === 'Service')].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const missing = (route: KubeObject) => [...new Set(targetsOf(route))].filter(target => !existing.includes(target));
    return services.length === 0 ? [] : objects.flatMap(route => missing(route).map(target => ({
      subject: nameOf(route),
      what: `it sends to the Service ${target}, which does not exist; clients get an error`,
      fix: 'create the Service, or correct service and serviceNamespace of expose()',
    })));
  },
};
