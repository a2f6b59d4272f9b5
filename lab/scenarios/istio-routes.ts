// istio-routes: everything that expose() writes, with Istio's API and Gateway API and a real istiod: which service answers, with which
// certificate; redirects, timeouts, retries and passthrough; and a hand-written route

import { run, until } from '../cluster/commands';
import { conditionsIn } from '../cluster/gateway-api';
import { keyFile } from '../cluster/keys';
import { KubeObject, writeObjects } from '../cluster/objects';
import { workloadsByIstiod } from '../edge/deployed-by-istiod';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example } from '../edge/examples';
import { push } from '../edge/updates';
import { isRoute } from '../edge/with-istio';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Answer, LoadReport } from '../traffic/reports';
import { BY_MANAGED_PODS, ON_MANAGED_HOSTS } from '../variants/managed';
import { routesBy, TIMEOUT_SECONDS } from '../variants/routes';
import { RouteApi } from 'cdk8s-istio-edge';

const REQUESTS = 40;
const NAMESPACE = 'istio-ingress';

/** Path of shop.example.com → its service. All other paths belong to shop. */
const PATHS: { [path: string]: string } = {
  '/apiary': 'shop', '/api': 'api', '/api/cart': 'api', '/api/v2': 'v2', '/api/v2/cart': 'v2', '/api/v2x': 'api', '/hasty': 'api',
};

/** Host → its service, over HTTPS with the certificate of its Secret. */
const SECURE: { [host: string]: string } = {
  'shop.example.com': 'shop', 'blog.example.com': 'blog', 'reports.example.com': 'reports', 'a.partners.example.com': 'partners', 'b.partners.example.com': 'partners',
  'gold.partners.example.com': 'gold',
};

/** The same over HTTP. */
const PLAIN: { [host: string]: string } = { 'plain.example.com': 'plain', 'own.example.com': 'own' };

/** Host → the service for a path that only the wildcard host has. */
const DEALS: { [host: string]: string } = { 'a.partners.example.com': 'api', 'gold.partners.example.com': 'gold' };

/** HTTP is redirected, except for reports.example.com. */
const REDIRECTED = ['shop.example.com', 'blog.example.com', 'a.partners.example.com', 'vault.example.com'];

const PASSED_THROUGH = 'vault.example.com';

export const istioRoutes: Scenario = {
  name: 'istio-routes',
  title: 'real istiod: all that expose() writes, by Istio\'s API and by Gateway API, and a Gateway written by hand',
  run: async context => {
    const findings = new Findings('istio-routes', context.profile);
    await judge(context, routesBy(RouteApi.ISTIO), RouteApi.ISTIO, findings);
    await judge(context, routesBy(RouteApi.GATEWAY_API), RouteApi.GATEWAY_API, findings);
    await judge(context, routesBy(RouteApi.GATEWAY_API, ON_MANAGED_HOSTS), RouteApi.GATEWAY_API, findings);
    if (context.profile.name === 'full') {
      await judge(context, routesBy(RouteApi.ISTIO, ON_MANAGED_HOSTS), RouteApi.ISTIO, findings);
      await judge(context, routesBy(RouteApi.ISTIO, BY_MANAGED_PODS), RouteApi.ISTIO, findings);
      await judge(context, routesBy(RouteApi.GATEWAY_API, BY_MANAGED_PODS), RouteApi.GATEWAY_API, findings);
    }
    return findings.results;
  },
};

async function judge(context: ScenarioContext, one: Example, api: RouteApi, findings: Findings): Promise<void> {
  const edge = await context.edges.useWithIstio(one);
  const routes = new Routes(edge, context, findings);
  await routes.admitted();
  if (api === RouteApi.GATEWAY_API) await routes.accepted();
  await routes.paths();
  await routes.certificates();
  await routes.wildcards();
  await routes.plain();
  await routes.redirects();
  await routes.passthrough();
  await routes.timeouts();
  await routes.triedAgain('/');
  if (api === RouteApi.ISTIO) {
    await routes.triedAgain('/often');
    await routes.notTriedAgain();
    await routes.closed('elsewhere.example.com', 'of an edge with the same name in another namespace');
  } else {
    await routes.grants();
  }
}

/** Checks the options of expose() one after the other. */
class Routes {
  constructor(private readonly edge: EdgeUnderTest, private readonly context: ScenarioContext, private readonly findings: Findings) {}

  /** The routes are on the cluster already. A dry run with a broken route shows that the webhook checks them. */
  public async admitted(): Promise<void> {
    const routes = this.edge.objects.filter(isRoute);
    const refused = await Promise.all(routes.map(async object => this.refusal(object)));
    this.add(`objects that the API server or istiod's webhook refuses, of ${routes.length}`, refused.filter(text => text).length, 'objects');
    const broken = await this.refusal({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'broken', namespace: NAMESPACE },
      spec: { hosts: ['broken.example.com'], http: [{ retries: { attempts: 1, retryOn: 'nonsense' }, route: [{ destination: { host: 'shop' } }] }] },
    });
    this.context.progress.say(`a broken VirtualService: ${broken.trim().split('\n').pop()}`);
    this.add('broken objects that istiod\'s webhook lets through, of 1', broken.includes('validation.istio.io') ? 0 : 1, 'objects');
  }

  public async accepted(): Promise<void> {
    let unmet: string[] = [];
    let all = 0;
    const ask = async () => {
      const conditions = await conditionsIn(this.edge.cluster, NAMESPACE);
      all = conditions.length;
      unmet = conditions.filter(({ met }) => !met).map(({ object, message }) => `${object}: ${message}`);
      return unmet.length === 0;
    };
    await until('istiod has accepted every route', 20, ask, 1000).catch(() => undefined);
    unmet.forEach(text => this.context.progress.say(text));
    this.add(`conditions that istiod does not call true, of ${all}`, unmet.length, 'conditions');
    const deployed = await this.edge.cluster.kubectl(['-n', NAMESPACE, 'get', 'deployments', '-l', 'gateway.networking.k8s.io/gateway-name', '-o', 'name']);
    const ours = workloadsByIstiod(this.edge.objects).map(({ metadata }) => `deployment.apps/${metadata.name}`);
    this.add('gateways that istiod has deployed beside ours', deployed.split('\n').filter(name => name && !ours.includes(name)).length, 'deployments');
  }

  public async paths(): Promise<void> {
    for (const [path, service] of Object.entries(PATHS)) await this.leadsTo(service, `https://shop.example.com${path}`, 443, '--tls', '--path', path);
  }

  public async certificates(): Promise<void> {
    for (const [host, service] of Object.entries(SECURE)) {
      await this.leadsTo(service, `https://${host}`, 443, '--tls', '--host', host);
      const said = await this.verified(host);
      this.add(`https://${host}: answers without the certificate of its Secret, of 1`, said?.scheme === 'http' ? 0 : 1, 'answers');
    }
  }

  /** A host has none of the paths of the wildcard that covers it. */
  public async wildcards(): Promise<void> {
    for (const [host, service] of Object.entries(DEALS)) await this.leadsTo(service, `https://${host}/deals`, 443, '--tls', '--host', host, '--path', '/deals');
  }

  public async plain(): Promise<void> {
    for (const [host, service] of Object.entries(PLAIN)) await this.leadsTo(service, `http://${host}`, 80, '--host', host);
    await this.closed('reports.example.com', 'not opened there');
  }

  public async closed(host: string, why: string): Promise<void> {
    const { failedBy } = await this.requests(80, '--host', host);
    this.add(`http://${host}, ${why}: requests that are not refused by 404, of ${REQUESTS}`, REQUESTS - (failedBy['status:404'] ?? 0), 'requests');
  }

  public async redirects(): Promise<void> {
    for (const host of REDIRECTED) {
      const answer = await this.raw(host, '/cart?of=mine');
      const right = / 301 /.test(answer.split('\n')[0]) && new RegExp(`^location: https://${host}(:443)?/cart\\?of=mine\\s*$`, 'im').test(answer);
      if (!right) this.context.progress.say(answer);
      this.add(`http://${host}: answers that do not lead to the same path by HTTPS, of 1`, right ? 0 : 1, 'answers');
    }
  }

  /** The client gets the service's own certificate, and the service itself terminates TLS. */
  public async passthrough(): Promise<void> {
    await this.leadsTo('vault', `https://${PASSED_THROUGH}`, 443, '--tls', '--host', PASSED_THROUGH);
    const { scheme, serverName } = await this.edge.cluster.fromClient<Answer>(['get', '--host', PASSED_THROUGH, `https://${this.edge.example.address}/`], 10);
    const through = scheme === 'https' && serverName === PASSED_THROUGH && await this.verified(PASSED_THROUGH) === undefined;
    this.add(`https://${PASSED_THROUGH}: answers for which TLS ended before the service, of 1`, through ? 0 : 1, 'answers');
  }

  public async timeouts(): Promise<void> {
    const late = await this.requests(443, '--tls', '--path', '/hasty?delay=3000');
    const what = `https://shop.example.com/hasty, slower than its timeout of ${TIMEOUT_SECONDS} s: requests not ended by 504, of ${late.requests}`;
    this.add(what, late.requests - (late.failedBy['status:504'] ?? 0), 'requests');
    const patient = await this.requests(443, '--tls', '--path', '/api?delay=1500');
    this.add(`https://shop.example.com/api, as slow and without a timeout: requests that failed, of ${patient.requests}`, patient.failed, 'requests');
  }

  public async triedAgain(path: string): Promise<void> {
    const { failed, requests } = await this.requests(80, '--host', 'flaky.example.com', '--path', path);
    const how = path === '/' ? 'Istio\'s own retries' : 'retries as given';
    this.add(`http://flaky.example.com${path}, one of three pods refuses, ${how}: requests that failed, of ${requests}`, failed, 'requests');
  }

  public async notTriedAgain(): Promise<void> {
    const { ok, requests } = await this.requests(80, '--host', 'flaky.example.com', '--path', '/never');
    const bound = { limit: 0.9 * requests, because: 'a third of them meets the pod that refuses' };
    this.findings.add(`${this.name}: http://flaky.example.com/never, no retries: requests answered, of ${requests}`, ok, 'requests', bound);
  }

  /** Only a ReferenceGrant lets a route reach a service of another namespace. */
  public async grants(): Promise<void> {
    const grants = this.edge.objects.filter(({ kind }) => kind === 'ReferenceGrant');
    await this.edge.cluster.kubectl(['delete', '-f', '-'], { input: writeObjects(grants) });
    const isShut = async () => (await this.requests(443, '--tls')).ok === 0;
    await until('the service is out of reach', 15, isShut, 500).catch(() => undefined);
    const without = await this.requests(443, '--tls');
    this.add(`requests answered without their ReferenceGrant, of ${without.requests}`, without.ok, 'requests');
    await push(this.edge, ...grants);
    await this.edge.settled();
    await this.leadsTo('shop', 'with its ReferenceGrant again', 443, '--tls');
  }

  private get name(): string {
    return this.edge.example.name;
  }

  private async leadsTo(service: string, what: string, port: number, ...flags: string[]): Promise<void> {
    const { pods, requests, failedBy } = await this.requests(port, ...flags);
    const there = Object.entries(pods).filter(([pod]) => pod.startsWith(`${service}-`)).reduce((sum, [, count]) => sum + count, 0);
    if (there < requests) this.context.progress.say(`${this.name}: ${what}: ${JSON.stringify({ pods, failedBy })}`);
    this.add(`${what}: requests not answered by ${service}, of ${requests}`, requests - there, 'requests');
  }

  private async requests(port: number, ...flags: string[]): Promise<LoadReport> {
    const words = ['load', '--target', this.edge.target(port), '--count', `${REQUESTS}`, '--workers', '8', '--duration', '60s', '--timeout', '10s', ...flags];
    return this.edge.cluster.fromClient<LoadReport>(words, 70);
  }

  /** The answer to a client that trusts only the lab's authority. */
  private async verified(host: string): Promise<Answer | undefined> {
    const words = ['get', '--ca', keyFile('ca.crt'), '--host', host, `https://${this.edge.example.address}/`];
    return this.edge.cluster.fromClient<Answer>(words, 10).catch(() => undefined);
  }

  /** The unchanged answer with its headers. */
  private async raw(host: string, path: string): Promise<string> {
    const script = 'exec 3<>"/dev/tcp/$1/80"; printf "GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$3" "$2" >&3; timeout 5 cat <&3';
    return run(this.edge.cluster.client.inNetwork(['bash', '-c', script, 'raw', this.edge.example.address, host, path]), { seconds: 10 });
  }

  private async refusal(object: KubeObject): Promise<string> {
    const dryRun = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'];
    return this.edge.cluster.kubectl(dryRun, { input: writeObjects([object]) }).then(() => '', (error: Error) => error.message);
  }

  private add(criterion: string, figure: number, unit: string): void {
    this.findings.add(`${this.name}: ${criterion}`, figure, unit, { goal: 0 });
  }
}
