// the choice of who issues a host's certificate, with its options
import { Duration } from 'cdk8s';
import { checkServerSecret } from './secret-names';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkDnsName, checkThat } from '../validation/values';
import { checkDuration } from '../workload/durations';

/** cert-manager's webhook refuses shorter times. */
const SHORTEST_DURATION = Duration.hours(1);
const SHORTEST_RENEW_BEFORE = Duration.minutes(5);
const LONGEST = Duration.days(3650);

/**
 * Options for `EdgeCertificate.issuer()` and `EdgeCertificate.clusterIssuer()`.
 */
export interface EdgeCertificateOptions {
  /**
   * Name of the Secret that cert-manager writes, and of the `Certificate`.
   *
   * Hosts with the same name share one certificate with all of their names, also those of other entries and edges in the gateway's
   * namespace. They need the same issuer and options.
   *
   * @default - a Secret for each host: `<edge>-<host>-tls`, with dashes instead of dots
   */
  readonly secretName?: string;

  /**
   * How long the certificate is valid: 1 hour to 10 years, in whole seconds.
   *
   * ACME issuers, such as Let's Encrypt, ignore it.
   *
   * @default - cert-manager's: 90 days
   */
  readonly duration?: Duration;

  /**
   * How long before its end the certificate is renewed: 5 minutes to 10 years, in whole seconds.
   *
   * It must be shorter than `duration`.
   *
   * @default - cert-manager's: a third of the time for which the certificate is valid
   * @see https://cert-manager.io/docs/usage/certificate/#renewal
   */
  readonly renewBefore?: Duration;

  /**
   * API group of the issuer; for issuers that are not cert-manager's own.
   *
   * @default "cert-manager.io"
   * @see https://cert-manager.io/docs/configuration/issuers/
   */
  readonly issuerGroup?: string;
}

/**
 * A certificate that cert-manager issues and renews. The issuer is yours.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export class EdgeCertificate {
  /**
   * By an `Issuer` in the gateway's namespace.
   *
   * @param name Name of the issuer.
   * @param options Name of the Secret, times and more.
   * @throws name-invalid, tls-secret-authority, duration-out-of-range, renewal-too-early
   */
  public static issuer(name: string, options: EdgeCertificateOptions = {}): EdgeCertificate {
    validateCall('EdgeCertificate.issuer', { name, options });
    return new EdgeCertificate('Issuer', name, options);
  }

  /**
   * By a `ClusterIssuer`.
   *
   * @param name Name of the issuer.
   * @param options Name of the Secret, times and more.
   * @throws name-invalid, tls-secret-authority, duration-out-of-range, renewal-too-early
   */
  public static clusterIssuer(name: string, options: EdgeCertificateOptions = {}): EdgeCertificate {
    validateCall('EdgeCertificate.clusterIssuer', { name, options });
    return new EdgeCertificate('ClusterIssuer', name, options);
  }

  /** @internal */
  public readonly _secretName?: string;

  /**
   * What the `Certificate` says, besides its names and Secret.
   *
   * @internal
   */
  public readonly _spec: object;

  private constructor(kind: string, name: string, { secretName, duration, renewBefore, issuerGroup: group = 'cert-manager.io' }: EdgeCertificateOptions) {
    throwIfAny([
      ...checkDnsName('name-invalid', 'name of the issuer', name),
      ...checkDnsName('name-invalid', 'issuerGroup', group),
      ...(secretName === undefined ? [] : checkServerSecret('secretName', secretName)),
      ...checkDuration('duration', duration, SHORTEST_DURATION, LONGEST, Duration.seconds(1)),
      ...checkDuration('renewBefore', renewBefore, SHORTEST_RENEW_BEFORE, LONGEST, Duration.seconds(1)),
      ...checkThat(duration === undefined || renewBefore === undefined || inMillis(renewBefore) < inMillis(duration), {
        code: 'renewal-too-early',
        what: 'renewBefore is not shorter than duration',
        got: renewBefore?.toHumanString(),
        fix: `expected less than ${duration?.toHumanString()}`,
      }),
    ], `EdgeCertificate.${kind === 'Issuer' ? 'issuer' : 'clusterIssuer'}()`);
    this._secretName = secretName;
    this._spec = {
      issuerRef: { name, kind, group },
      ...(duration && { duration: goDuration(duration) }),
      ...(renewBefore && { renewBefore: goDuration(renewBefore) }),
      // the default of cert-manager before 1.18 is to keep the key
      privateKey: { rotationPolicy: 'Always' },
    };
  }
}

/** As Go prints a duration of whole seconds: `2160h0m0s`. */
function goDuration(duration: Duration): string {
  const seconds = duration.toSeconds();
  return `${Math.floor(seconds / 3600)}h${Math.floor(seconds / 60) % 60}m${seconds % 60}s`;
}

/** With fractions: the check of their range reports them. */
function inMillis(duration: Duration): number {
  return duration.toMilliseconds({ integral: false });
}
