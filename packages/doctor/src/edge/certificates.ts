// the Secrets with certificates that an edge serves
import { KubeObject, selects } from './objects';
import { Workload } from './workload';

/** A certificate, and the host names that it must cover. */
export interface CertificateUse {
  readonly namespace: string;
  readonly secret: string;
  readonly hosts: readonly string[];
  /** The object that names it. */
  readonly usedBy: string;
}

/** Certificates of Istio's Gateways and of Gateway API's. */
export function certificatesOf(objects: readonly KubeObject[], workloads: readonly Workload[]): CertificateUse[] {
  const uses = objects.filter(({ kind }) => kind === 'Gateway')
    .flatMap(gateway => gateway.apiVersion.startsWith('networking.istio.io/') ? ofIstio(gateway, workloads) : ofGatewayApi(gateway));
  const keys = [...new Set(uses.map(({ namespace, secret }) => `${namespace}/${secret}`))];
  return keys.map(key => {
    const same = uses.filter(({ namespace, secret }) => `${namespace}/${secret}` === key);
    return { ...same[0], hosts: [...new Set(same.flatMap(({ hosts }) => hosts))] };
  });
}

/** A gateway reads Secrets of its own namespace: that of the pods that the Gateway selects. */
function ofIstio({ metadata, spec }: KubeObject, workloads: readonly Workload[]): CertificateUse[] {
  const selected = workloads.find(({ template }) => selects({ matchLabels: spec?.selector ?? {} }, template.metadata?.labels));
  return (spec?.servers ?? []).filter((server: KubeObject) => server.tls?.credentialName !== undefined).map((server: KubeObject) => ({
    namespace: selected?.namespace ?? metadata.namespace ?? 'default',
    secret: server.tls.credentialName,
    hosts: (server.hosts ?? []).map((host: string) => host.replace(/^.*\//, '')).filter((host: string) => host !== '*'),
    usedBy: `Gateway ${metadata.namespace}/${metadata.name}`,
  }));
}

function ofGatewayApi({ metadata, spec }: KubeObject): CertificateUse[] {
  return (spec?.listeners ?? []).flatMap((listener: KubeObject) => (listener.tls?.certificateRefs ?? []).map((ref: KubeObject) => ({
    namespace: ref.namespace ?? metadata.namespace ?? 'default',
    secret: ref.name,
    hosts: listener.hostname === undefined ? [] : [listener.hostname],
    usedBy: `Gateway ${metadata.namespace}/${metadata.name}`,
  })));
}
