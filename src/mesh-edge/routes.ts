// paths of a host → the routes of a VirtualService
export const HTTP_PORT = 80;
export const HTTPS_PORT = 443;

export interface ExposedPath {
  readonly pathPrefix: string;
  readonly destination: { readonly host: string; readonly port: { readonly number: number } };
}

export interface ExposedHost {
  readonly tlsSecretName?: string;
  readonly paths: ExposedPath[];
}

/** Istio takes the first route that matches, so the longest prefix comes first. */
export function routes(paths: ExposedPath[]): object[] {
  return [...paths]
    .sort((one, other) => trimmed(other.pathPrefix).length - trimmed(one.pathPrefix).length || (one.pathPrefix < other.pathPrefix ? -1 : 1))
    .map(({ pathPrefix, destination }) => ({ match: match(trimmed(pathPrefix)), route: [{ destination }] }));
}

/** `/api/` and `/api` mean the same. */
export function trimmed(pathPrefix: string): string {
  return pathPrefix.replace(/\/$/, '');
}

/** Istio's prefix compares bytes: `/api` alone would match `/apiary` too. */
function match(path: string): object[] {
  return path === '' ? [{ uri: { prefix: '/' } }] : [{ uri: { exact: path } }, { uri: { prefix: `${path}/` } }];
}
