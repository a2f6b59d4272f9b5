// certificates of hosts: a Certificate of cert-manager for each Secret that it writes
import type { ApiObject } from 'cdk8s';
import { Lazy } from 'cdk8s';
import type { RouteObjects } from './route-objects';
import type { HostTls, RoutedHost } from './routed-host';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';

/** A Secret, and the hosts that use it. */
interface UsedSecret {
  readonly tls: HostTls;
  readonly hosts: string[];
}

/** Checks and writes the certificates of one edge. */
export class Certificates {
  private readonly secrets = new Map<string, UsedSecret>();

  constructor(private readonly objects: RouteObjects) {}

  /** Hosts of one Secret share a server of the gateway, and a Secret has one certificate. */
  public check({ secretName, certificate, clientCaSecretName }: HostTls): Problem[] {
    const used = secretName === undefined ? undefined : this.secrets.get(secretName);
    const isSame = JSON.stringify(used?.tls.certificate?._spec) === JSON.stringify(certificate?._spec);
    const fix = `give it the same as ${used?.hosts[0]}, or another Secret`;
    return used === undefined ? [] : [
      ...checkThat(isSame, { code: 'certificate-conflict', what: 'another host has this Secret with another certificate', got: secretName, fix }),
      ...checkThat(used.tls.clientCaSecretName === clientCaSecretName, {
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
    const scope = `certificate-${secretName}`;
    const used = this.secrets.get(secretName);
    if (used) {
      used.hosts.push(name);
      return certificate ? [this.objects.made(scope, 'Certificate')] : [];
    }
    const hosts = [name];
    this.secrets.set(secretName, { tls, hosts });
    return certificate ? [this.objects.make({
      scope,
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      name: secretName,
      spec: { secretName, dnsNames: Lazy.any({ produce: () => withoutCovered(hosts) }), ...certificate._spec },
    })] : [];
  }
}

/** Let's Encrypt refuses a name that a wildcard of the same certificate covers. A wildcard covers one label. */
function withoutCovered(hosts: string[]): string[] {
  return hosts.filter(host => !hosts.includes(host.replace(/^[^*.][^.]*\./, '*.')) || host.startsWith('*.'));
}
