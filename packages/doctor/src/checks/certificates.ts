// certificates that the gateways serve
import { X509Certificate } from 'crypto';
import { Check, Fault } from '../check';
import { CertificateUse } from '../edge/certificates';
import { Edge } from '../edge/edge';
import { Facts } from '../facts';

/** Days before its end at which a certificate is reported. */
const WARN_DAYS = 14;

const titleOf = ({ namespace, secret }: CertificateUse) => `Secret ${namespace}/${secret}`;

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const storedFor = ({ namespace, secret }: CertificateUse, { cluster: { certificates } }: Facts) =>
  certificates.find(one => one.namespace === namespace && one.secret === secret);

/** Runs for each certificate that can be read. */
const ofReadable = (found: (use: CertificateUse, certificate: X509Certificate, now: Date) => Fault[]): Check['run'] => ({ certificates }: Edge, facts) =>
  certificates.flatMap(use => {
    const certificate = parsed(storedFor(use, facts)?.pem ?? '');
    return certificate === undefined ? [] : found(use, certificate, facts.now);
  });

/** certificate-missing */
export const certificateMissing: Check = {
  code: 'certificate-missing',
  severity: 'problem',
  finds: 'a Secret with a certificate that does not exist, or has no valid `tls.crt`',
  run: ({ certificates }, facts) => certificates.flatMap(use => {
    const stored = storedFor(use, facts);
    return stored === undefined || parsed(stored.pem ?? '') !== undefined ? [] : [{
      subject: titleOf(use),
      what: stored.pem === undefined
        ? `there is no such Secret; ${use.usedBy} needs it for ${use.hosts.join(', ')}, and clients get no TLS`
        : `its tls.crt is no certificate; ${use.usedBy} needs it for ${use.hosts.join(', ')}`,
      fix: `kubectl -n ${use.namespace} create secret tls ${use.secret} --cert=FILE --key=FILE`,
    }];
  }),
};

/** certificate-ended */
export const certificateEnded: Check = {
  code: 'certificate-ended',
  severity: 'problem',
  finds: 'a certificate that has ended or is not valid yet',
  run: ofReadable((use, { validFrom, validTo }, now) => {
    const early = Date.parse(validFrom) > now.getTime();
    return !early && Date.parse(validTo) > now.getTime() ? [] : [{
      subject: titleOf(use),
      what: early ? 'its certificate is not valid yet; clients refuse it' : 'its certificate has ended; clients refuse it',
      got: early ? `valid from ${validFrom}` : `ended ${validTo}`,
      fix: 'renew it; with cert-manager, see kubectl get certificate -A',
    }];
  }),
};

/** certificate-ends */
export const certificateEnds: Check = {
  code: 'certificate-ends',
  severity: 'advice',
  finds: `a certificate that ends in less than ${WARN_DAYS} days`,
  run: ofReadable((use, { validTo }, now) => {
    const days = (Date.parse(validTo) - now.getTime()) / 86_400_000;
    return days <= 0 || days >= WARN_DAYS ? [] : [{
      subject: titleOf(use), what: `its certificate ends in ${Math.floor(days)} days`, got: `ends ${validTo}`, fix: 'renew it; with cert-manager, see kubectl get certificate -A',
    }];
  }),
};

/** certificate-host */
export const certificateHost: Check = {
  code: 'certificate-host',
  severity: 'problem',
  finds: 'a certificate that does not cover a host name that is exposed with it',
  run: ofReadable((use, certificate) => use.hosts
    // a wildcard is covered by the same wildcard only
    .filter(host => host !== '*' && certificate.checkHost(host.replace(/^\*/, 'any')) === undefined)
    .map(host => ({
      subject: titleOf(use),
      what: `its certificate does not cover ${host}; clients refuse it`,
      got: certificate.subjectAltName ?? certificate.subject,
      fix: `issue the certificate for ${host} too`,
    }))),
};
