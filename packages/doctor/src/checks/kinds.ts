// the API server must know every kind of the manifests, in their version
import { Check } from '../check';

const FIXES: { readonly [group: string]: string } = {
  'networking.istio.io': 'install Istio 1.22 or newer, whose chart `base` has the CRDs',
  'gateway.networking.k8s.io':
    'install Gateway API, standard channel, in the version of your Istio (docs/versions.md, "Gateway API and Istio"); for TLSRoute v1alpha2 set tlsRouteVersion',
  'monitoring.coreos.com': 'install the Prometheus operator, or choose monitoring without it',
};

/** kind-unknown */
export const kindUnknown: Check = {
  code: 'kind-unknown',
  severity: 'problem',
  finds: 'an object whose kind or version the API server does not know: CRDs of Istio or Gateway API are missing or too old',
  run: ({ objects }, { cluster: { kinds } }) => {
    const used = [...new Set(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))];
    return used.map(one => one.split(' ')).filter(([version, kind]) => kinds[version]?.includes(kind) === false).map(([version, kind]) => ({
      subject: 'API server',
      what: `it does not know ${kind} of ${version}`,
      got: kinds[version].length > 0 ? `${version} has ${[...new Set(kinds[version])].slice(0, 8).join(', ')}` : `no ${version}`,
      fix: FIXES[version.split('/')[0]] ?? `install the CRD of ${kind}`,
    }));
  },
};

/** kubernetes-old */
export const kubernetesOld: Check = {
  code: 'kubernetes-old',
  severity: 'problem',
  finds: 'an API server older than Kubernetes 1.27',
  run: (_, { cluster: { version } }) => {
    const [major, minor] = version.replace(/^v/, '').split('.').map(part => parseInt(part, 10));
    return major > 1 || minor >= 27 ? [] : [{ subject: 'API server', what: 'it is older than Kubernetes 1.27', got: version, fix: 'upgrade Kubernetes' }];
  },
};
