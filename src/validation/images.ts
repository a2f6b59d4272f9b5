// image references: their checks, and the same image in another registry
import type { Problem } from './problem';
import { checkThat } from './values';

/** One part of the path of an image. */
const PART = /[a-z0-9]+(?:[._-]+[a-z0-9]+)*/.source;
const PATH = `${PART}(?:/${PART})*`;
const TAG = /(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))?/.source;
const DOMAIN_LABEL = /[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/.source;

/** A host, or an IPv6 address such as `[2001:db8::1]`, with an optional port. */
const REGISTRY = new RegExp(String.raw`^(?:${DOMAIN_LABEL}(?:\.${DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::([0-9]{1,5}))?$`);
const PATH_AND_TAG = new RegExp(`^${PATH}${TAG}$`);
const ONLY_PATH = new RegExp(`^${PATH}$`);

/** Registry of an image that names none. */
const DOCKER_HUB = 'docker.io';

/**
 * `[registry[:port]/]path[:tag][@sha256:…]` in two parts. The first part is a registry only if it cannot be a part of a path.
 *
 * @see https://github.com/distribution/reference
 */
function split(image: string): { readonly registry?: string; readonly path: string } {
  const [first, ...rest] = image.split('/');
  const isRegistry = /[.:[]/.test(first) || first === 'localhost';
  return isRegistry && rest.length > 0 ? { registry: first, path: rest.join('/') } : { path: image };
}

/** A container image reference. */
export function checkImage(what: string, image: string): Problem[] {
  const { registry, path } = split(image);
  return checkThat((registry === undefined || hasForm(registry)) && PATH_AND_TAG.test(path), {
    code: 'image-invalid',
    what: `${what} is not an image reference`,
    got: image,
    fix: 'expected [registry/]name[:tag][@sha256:digest], such as docker.io/envoyproxy/envoy:v1.40.0',
  });
}

/** Registry and path of Istio's images, without name and tag. A colon in the only part is the port of a registry. */
export function checkIstioHub(what: string, hub: string): Problem[] {
  return checkThat(isRegistryAndPath(hub) || ONLY_PATH.test(hub), {
    code: 'istio-hub-invalid',
    what: `${what} is not a registry and path`,
    got: hub,
    fix: 'expected a registry and path without tag or digest, such as docker.io/istio',
  });
}

/** A registry that has copies of images, and the path before their names. */
export function checkImageRegistry(what: string, given: string): Problem[] {
  return checkThat(isRegistryAndPath(given), {
    code: 'image-registry-invalid',
    what: `${what} is not a registry`,
    got: given,
    fix: explainRegistry(given),
  });
}

function isRegistryAndPath(given: string): boolean {
  const { registry = given, path } = split(given);
  return (registry === given ? isRegistryAlone(given) : hasForm(registry) && ONLY_PATH.test(path));
}

function hasForm(text: string): boolean {
  const [match, port = '1'] = REGISTRY.exec(text) ?? [];
  return match !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Without a dot or a port, container runtimes read a path on Docker Hub. */
function isRegistryAlone(given: string): boolean {
  return hasForm(given) && (/[.:]/.test(given) || given === 'localhost');
}

function explainRegistry(given: string): string {
  const expected = 'expected a host, an optional port and an optional path, such as registry.example.com:5000/mirror';
  const { path } = split(given);
  if (given.includes('://')) {
    return `omit the scheme; ${expected}`;
  }
  if (path !== given && /[A-Z]/.test(path)) {
    return `write the path in lower case: registries accept no other; ${expected}`;
  }
  return path === given && ONLY_PATH.test(given)
    ? `without a dot, a port or localhost in its first part, this is a path on Docker Hub; ${expected}`
    : expected;
}

/**
 * The same image in a registry that mirrors others: its registry is replaced, its path, tag and digest stay.
 *
 * An image that is there already stays as it is. `haproxy` is `library/haproxy` on Docker Hub, and so in the mirror.
 */
export function imageIn(imageRegistry: string | undefined, image: string): string {
  if (imageRegistry === undefined || image.startsWith(`${imageRegistry}/`)) {
    return image;
  }
  const { registry = DOCKER_HUB, path } = split(image);
  return `${imageRegistry}/${registry === DOCKER_HUB && !path.includes('/') ? 'library/' : ''}${path}`;
}
