// certificates of hosts: a Certificate of cert-manager for each Secret that it writes
import type { ApiObject } from 'cdk8s';
import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { EdgeCertificate } from './edge-certificate';
import type { RouteObjects } from './route-objects';
import type { HostTls, RoutedHost } from './routed-host';
import { Registry } from '../nodes/registry';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';

/** A Secret of an entry, and its first host. */
interface UsedSecret {
  readonly tls: HostTls;
  readonly host: string;
}

/** A Certificate, and its hosts. */
interface Issued {
  readonly certificate: EdgeCertificate;
  readonly hosts: string[];
  readonly object: ApiObject;
}

/** Checks and writes the certificates of one entry. */
export class Certificates {
  private readonly secrets = new Map<string, UsedSecret>();
  /** By Secret, of all entries and edges in the gateway's namespace. */
  private readonly issued: Map<string, Issued>;

  constructor(edge: Construct, private readonly objects: RouteObjects, namespace: string) {
    this.issued = Registry.of(edge).shared<Map<string, Issued>>(`certificates/${namespace}`, () => new Map());
  }

  /** Hosts of one Secret share a server of the gateway, and a Secret has one certificate. */
  public check({ secretName = '', certificate, clientCaSecretName }: HostTls): Problem[] {
    const used = this.secrets.get(secretName);
    const issued = certificate && this.issued.get(secretName);
    const others = [...(used ? [used.tls.certificate] : []), ...(issued ? [issued.certificate] : [])];
    const isSame = others.every(other => JSON.stringify(other?._spec) === JSON.stringify(certificate?._spec));
    const fix = `give it the same as ${used?.host ?? issued?.hosts[0]}, or another Secret`;
    return [
      ...checkThat(isSame, { code: 'certificate-conflict', what: 'another host has this Secret with another certificate', got: secretName, fix }),
      ...checkThat(used === undefined || used.tls.clientCaSecretName === clientCaSecretName, {
        code: 'certificate-conflict', what: 'another host has this Secret with another clientCaSecretName', got: secretName, fix,
      }),
    ];
  }

  /** Records the host, and makes the Certificate for the first host of a Secret. Returns the Certificate of the host, if it has one. */
  public add({ name, tls }: RoutedHost): ApiObject[] {
    const { secretName, certificate } = tls;
    if (secretName === undefined) {
      return [];
    }
    this.secrets.set(secretName, this.secrets.get(secretName) ?? { tls, host: name });
    return certificate ? [this.issue(secretName, certificate, name)] : [];
  }

  private issue(secretName: string, certificate: EdgeCertificate, host: string): ApiObject {
    const issued = this.issued.get(secretName);
    if (issued) {
      issued.hosts.push(host);
      return issued.object;
    }
    const hosts = [host];
    const object = this.objects.make({
      scope: `certificate-${secretName}`,
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      name: secretName,
      spec: { secretName, dnsNames: Lazy.any({ produce: () => withoutCovered([...new Set(hosts)]) }), ...certificate._spec },
    });
    this.issued.set(secretName, { certificate, hosts, object });
    return object;
  }
}

/** Let's Encrypt refuses a name that a wildcard of the same certificate covers. A wildcard covers one label. */
function withoutCovered(hosts: string[]): string[] {
  return hosts.filter(host => !hosts.includes(host.replace(/^[^*.][^.]*\./, '*.')) || host.startsWith('*.'));
}
