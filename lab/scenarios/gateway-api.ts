// gateway-api: the API server checks every Gateway API object that expose() writes against the CRDs of each supported release

import { undoAll, until } from '../cluster/commands';
import { GatewayApiRelease, installGatewayApi, removeGatewayApi } from '../cluster/gateway-api';
import { KubeObject, writeObjects } from '../cluster/objects';
import { removeNamespaces } from '../cluster/pods';
import { example, objectsOf } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { routesBy } from '../variants/routes';
import { RouteApi, TlsRouteVersion } from 'cdk8s-istio-edge';

const GROUP = 'gateway.networking.k8s.io';
const ALPHA = RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 });

interface Judge {
  readonly release: GatewayApiRelease;
  readonly api: RouteApi;
  /** This release does not serve the version of its TLSRoute. */
  readonly unserved: RouteApi;
}

const JUDGES: Judge[] = [
  { release: '1.4-experimental', api: ALPHA, unserved: RouteApi.GATEWAY_API },
  { release: '1.5-standard', api: RouteApi.GATEWAY_API, unserved: ALPHA },
  { release: '1.6-standard', api: RouteApi.GATEWAY_API, unserved: ALPHA },
];

export const gatewayApi: Scenario = {
  name: 'gateway-api',
  title: 'strict server-side validation of every route by the CRDs of Gateway API 1.4 (experimental), 1.5 and 1.6 (standard)',
  run: async context => {
    const findings = new Findings('gateway-api', context.profile);
    await context.edges.clear();
    const namespaces = [...new Set([...routesIn(RouteApi.GATEWAY_API), ...examplesRoutes()].map(({ metadata }) => metadata.namespace!))];
    await context.cluster.apply(writeObjects(namespaces.map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))), '--server-side');
    try {
      for (const judge of JUDGES) await judged(context, judge, findings);
    } finally {
      await undoAll([() => removeNamespaces(context.cluster, namespaces), () => removeGatewayApi(context.cluster)]);
    }
    return findings.results;
  },
};

async function judged({ cluster, progress }: ScenarioContext, { release, api, unserved }: Judge, findings: Findings): Promise<void> {
  const refusal = async (object: KubeObject) => cluster.apply(writeObjects([object]), '--server-side', '--dry-run=server', '--validate=strict')
    .then(() => '', (error: Error) => error.message.trim().split('\n').pop()!);
  await removeGatewayApi(cluster);
  await progress.stage(`CRDs of Gateway API ${release}`, () => installGatewayApi(cluster, release));
  const routes = [...routesIn(api), ...examplesRoutes()];
  await until('the API server serves its kinds', 30, async () => await refusal(tlsRoute(api)) === '', 500).catch(() => undefined);
  const refusals = (await Promise.all(routes.map(refusal))).filter(text => text);
  refusals.forEach(text => progress.say(`${release}: ${text}`));
  findings.add(`${release}: objects that the API server refuses, of ${routes.length}`, refusals.length, 'objects', { goal: 0 });
  const broken = [tlsRoute(unserved), withUnknownField(tlsRoute(api)), withoutBackendPort(httpRoute(api))];
  const answers = await Promise.all(broken.map(refusal));
  answers.forEach(text => progress.say(`${release}, on purpose: ${text}`));
  const taken = answers.filter(text => text === '').length;
  findings.add(`${release}: broken objects that it takes, of ${broken.length}: another version of TLSRoute, an unknown field, a Service without port`, taken, 'objects', { goal: 0 });
}

function routesIn(api: RouteApi): KubeObject[] {
  return objectsOf(routesBy(api)).filter(isOfGatewayApi);
}

function examplesRoutes(): KubeObject[] {
  return objectsOf(example('gateway-api')).filter(isOfGatewayApi);
}

const isOfGatewayApi = ({ apiVersion }: KubeObject) => apiVersion.startsWith(`${GROUP}/`);
const tlsRoute = (api: RouteApi) => routesIn(api).find(({ kind }) => kind === 'TLSRoute')!;
const httpRoute = (api: RouteApi) => routesIn(api).find(({ kind, spec }) => kind === 'HTTPRoute' && spec.rules[0].backendRefs)!;

function withUnknownField(route: KubeObject): KubeObject {
  return { ...route, spec: { ...route.spec, hosts: route.spec.hostnames } };
}

/** Only a CEL rule forbids it; the schema does not. */
function withoutBackendPort(route: KubeObject): KubeObject {
  const broken = structuredClone(route);
  delete broken.spec.rules[0].backendRefs[0].port;
  return broken;
}
