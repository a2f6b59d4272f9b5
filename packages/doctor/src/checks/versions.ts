// versions of Istio, as docs/versions.md has them

/** The oldest Istio that has networking.istio.io/v1. */
export const OLDEST_ISTIO = '1.22';

/** The oldest Istio that deploys a gateway with an overlay. */
export const OLDEST_ISTIO_WITH_OVERLAY = '1.26';

/** The oldest Istio that reads TLSRoute v1. It ignores v1alpha2. */
export const TLS_ROUTE_V1_ISTIO = '1.30';

/** Istio's versions that this library supports. */
export const SUPPORTED_ISTIO = ['1.30', '1.31'];

/** Major and minor, as one number: 1.31.0 → 1031. Undefined if the text is no version. */
export function numberOf(version: string): number | undefined {
  const found = /^v?(\d+)\.(\d+)/.exec(version);
  return found === null ? undefined : Number(found[1]) * 1000 + Number(found[2]);
}

/** True if the first version is older, by major and minor. */
export function isOlder(version: string, than: string): boolean {
  const [one, other] = [numberOf(version), numberOf(than)];
  return one !== undefined && other !== undefined && one < other;
}
