// names of the Secrets from which a gateway serves TLS
import type { Problem } from '../validation/problem';
import { checkDnsName } from '../validation/values';

/**
 * istiod sends only an authority from a Secret whose name has this ending, never a certificate with its key.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/xds/sds.go
 */
export const AUTHORITY_ENDING = '-cacert';

/** All problems with the name of a Secret that has a certificate and its key. */
export function checkServerSecret(what: string, name: string): Problem[] {
  return name.endsWith(AUTHORITY_ENDING) ? [{
    code: 'tls-secret-authority',
    what: `${what} ends in ${AUTHORITY_ENDING}, so Istio would read only an authority from it`,
    got: name,
    fix: 'give the Secret another name',
  }] : checkDnsName('name-invalid', what, name);
}
