// certificates: a real cert-manager issues and renews a certificate by HTTP-01 through the edge, with a real ACME server; and what else
// expose() can say about TLS: to the service, and of clients

import { CertManager } from '../cluster/cert-manager';
import { run, sleep, undoAll, until } from '../cluster/commands';
import { DEFAULT_MESH, Mesh } from '../cluster/istio-manifest';
import { keyFile } from '../cluster/keys';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, load } from '../traffic/measure';
import { CERTIFICATE, certificatesBy } from '../variants/certificates';
import { RouteApi } from 'cdk8s-istio-edge';

const HOST = 'shop.example.com';
/** docs/certificates.md asks for this where the routes are Istio's own. Gateway API does not need it. */
const MESH: Mesh = { ...DEFAULT_MESH, ingressService: 'edge-gateway' };
/** A renewal begins half a minute after the certificate was issued; then come a self check of 8 s, and the ACME server. */
const RENEWED_SECONDS = 120;

export const certificates: Scenario = {
  name: 'certificates',
  title: 'real cert-manager and ACME server (Pebble): a certificate by HTTP-01 through the edge, and its renewal; TLS to services, and of clients',
  run: async context => {
    const { cluster, edges, progress, profile } = context;
    const findings = new Findings('certificates', profile);
    await edges.mesh(MESH); // with the CRDs of Gateway API, which cert-manager asks for when it starts
    const certManager = await CertManager.start(cluster, progress, HA_EDGE.address);
    try {
      for (const api of [RouteApi.GATEWAY_API, RouteApi.ISTIO]) {
        const edge = await edges.useWithIstio(certificatesBy(api), MESH);
        await new Certificates(edge, context, certManager, findings).judge();
      }
    } finally {
      await undoAll([
        () => certManager.stop(),
        async () => void await cluster.kubectl(['delete', 'ingressclass', 'istio', '--ignore-not-found']),
        () => edges.clear(), // first, while cert-manager removes its finalizers
      ]);
    }
    return findings.results;
  },
};

/** Checks one edge, which serves HTTPS already: its first certificate has been issued. */
class Certificates {
  constructor(
    private readonly edge: EdgeUnderTest, private readonly context: ScenarioContext, private readonly certManager: CertManager,
    private readonly findings: Findings,
  ) {}

  public async judge(): Promise<void> {
    const authority = await this.certManager.authority();
    await this.issued(authority);
    await this.renewed(authority);
    await this.redirected();
    await this.toServices();
    await this.ofClients();
  }

  private async issued(authority: string): Promise<void> {
    this.add(`https://${HOST}: answers without a certificate of the ACME server, of 1`, await this.get(HOST, '/', '--cacert', authority) ? 0 : 1, 'answers');
    const seen = `certmanager_certificate_expiration_timestamp_seconds{.*name="${CERTIFICATE}",namespace="istio-ingress"`;
    const measured = new RegExp(seen).test(await this.certManager.metrics());
    this.add('certificates that the alert IstioEdgeCertificateEnds does not see, of 1', measured ? 0 : 1, 'certificates');
  }

  private async renewed(authority: string): Promise<void> {
    const { cluster } = this.edge;
    const first = await this.served();
    const [client] = await begun(load(cluster, this.edge.target(443), RENEWED_SECONDS + 30, '--tls', '--host', HOST, '--rate', '50', '--workers', '8', '--timeout', '5s'));
    const began = Date.now();
    await until('another certificate is served', RENEWED_SECONDS, async () => await this.served() !== first, 500).catch(() => undefined);
    await sleep(2000);
    const { failed, failedBy, requests } = await client.end();
    const last = await this.served();
    this.context.progress.say(`${this.edge.example.name}: ${first.trim()} became ${last.trim()} within ${((Date.now() - began) / 1000).toFixed(0)} s; ${JSON.stringify(failedBy)}`);
    this.add('certificates that were not renewed, of 1', first === last ? 1 : 0, 'certificates');
    this.add(`https://${HOST}: requests that failed while its certificate was renewed, of ${requests}`, failed, 'requests');
    this.add(`https://${HOST}: answers without a renewed certificate of the ACME server, of 1`, await this.get(HOST, '/', '--cacert', authority) ? 0 : 1, 'answers');
  }

  /** Everything but the challenge. */
  private async redirected(): Promise<void> {
    const answer = await this.curl(HOST, 'http', '/.well-known/acme-challenge/none', '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}');
    const right = answer === `301 https://${HOST}/.well-known/acme-challenge/none`;
    if (!right) this.context.progress.say(`not redirected: ${answer}`);
    this.add(`http://${HOST}: answers that do not redirect, of 1`, right ? 0 : 1, 'answers');
  }

  private async toServices(): Promise<void> {
    const got = async (path: string) => JSON.parse(await this.get('admin.example.com', path) ?? '{}') as { path?: string; serverName?: string };
    const { serverName } = await got('/');
    this.add('answers of a service that did not get HTTPS with its server name, of 1', serverName === 'admin.example.com' ? 0 : 1, 'answers');
    const rewritten = { '/api': '/', '/api/': '/', '/api/cart?of=mine': '/cart?of=mine', '/apiary': '/apiary', '/v1/cart': '/v2/cart', '/v1': '/v2' };
    const seen = await Promise.all(Object.keys(rewritten).map(async path => [path, (await got(path)).path]));
    const wrong = seen.filter(([path, is]) => is !== rewritten[path as keyof typeof rewritten]);
    wrong.forEach(([path, is]) => this.context.progress.say(`${path} became ${is}`));
    this.add(`paths that a service did not get rewritten as documented, of ${seen.length}`, wrong.length, 'paths');
    this.add('answers of a service whose certificate has another name, of 1', await this.get('wrong.example.com', '/') === undefined ? 0 : 1, 'answers');
  }

  private async ofClients(): Promise<void> {
    const known = await this.get('partners.example.com', '/', '--cert', keyFile('admin.crt'), '--key', keyFile('admin.key'));
    this.add('answers that a client with a certificate did not get, of 1', known ? 0 : 1, 'answers');
    this.add('answers that a client without a certificate got, of 1', await this.get('partners.example.com', '/') === undefined ? 0 : 1, 'answers');
  }

  /** Serial number of the certificate that clients get. */
  private async served(): Promise<string> {
    const script = 'openssl s_client -connect "$1" -servername "$2" </dev/null 2>/dev/null | openssl x509 -noout -serial';
    return run(this.edge.cluster.client.inNetwork(['bash', '-c', script, 'served', this.edge.target(443), HOST]), { seconds: 10 });
  }

  /** An answer with status 200, over HTTPS. */
  private async get(host: string, path: string, ...flags: string[]): Promise<string | undefined> {
    const trust = flags.includes('--cacert') ? [] : ['--cacert', keyFile('ca.crt')];
    return this.curl(host, 'https', path, '-f', ...trust, ...flags).catch(() => undefined);
  }

  private async curl(host: string, scheme: string, path: string, ...flags: string[]): Promise<string> {
    const { address } = this.edge.example;
    const resolve = ['--resolve', `${host}:80:${address}`, '--resolve', `${host}:443:${address}`];
    return run(this.edge.cluster.client.inNetwork(['curl', '-sS', '--max-time', '10', ...resolve, ...flags, `${scheme}://${host}${path}`]), { seconds: 15 });
  }

  private add(criterion: string, figure: number, unit: string): void {
    this.findings.add(`${this.edge.example.name}: ${criterion}`, figure, unit, { goal: 0 });
  }
}
