// checks of single values: ports, names, images, durations. Each check returns the problems that it found
import * as ipaddr from 'ipaddr.js';
import type { Code } from './codes';
import type { Problem } from './problem';
import { checkText } from './texts';

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
/** `[registry[:port]/]path[:tag][@sha256:…]`, after github.com/distribution/reference. */
const IMAGE = /^[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[a-f0-9]{64})?$/;
/** Linux allows at most 15 bytes (IFNAMSIZ) without slash, colon and white space. This allows only what needs no quotes. */
const INTERFACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;
const ISTIO_VERSION = /^[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9]+([.-][A-Za-z0-9]+)*)?$/;

/** Limit of Kubernetes for all keys and values of an object's annotations together. */
const LARGEST_ANNOTATIONS_BYTES = 256 * 1024;

/** A value from JavaScript can be undefined, and `test` would match the word "undefined". */
function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/** Checks a port: a whole number from 1 to 65535. */
export function checkPort(what: string, port: number): Problem[] {
  return checkInteger('port-out-of-range', what, port, 1, 65_535);
}

/** Checks a whole number from `min` to `max`. */
export function checkInteger(code: Code, what: string, value: number, min: number, max: number): Problem[] {
  const fine = Number.isInteger(value) && value >= min && value <= max;
  const wrong = typeof value === 'number' ? 'is out of range' : 'is not a number';
  return checkThat(fine, { code, what: `${what} ${wrong}`, got: value, fix: `allowed are whole numbers from ${min} to ${max}` });
}

/** RFC 1123 label: names of Services, namespaces, ServiceAccounts. */
export function checkDnsLabel(what: string, name: string): Problem[] {
  return checkThat(matches(DNS_LABEL, name), {
    code: 'name-invalid',
    what: `${what} is not a DNS label`,
    got: name,
    fix: 'allowed are 1 to 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit',
  });
}

/** RFC 1123 subdomain: host names of nodes, cluster domains, names of ConfigMaps and Secrets. */
export function checkDnsName(code: Code, what: string, name: string): Problem[] {
  return checkThat(isDnsName(name), {
    code,
    what: `${what} is not a DNS name`,
    got: name,
    fix: 'allowed are labels of 1 to 63 lower-case letters, digits and dashes, joined by dots, 253 characters at most, '
      + 'each label beginning and ending with a letter or digit',
  });
}

function isDnsName(name: string): boolean {
  return typeof name === 'string' && name.length <= 253 && name.split('.').every(label => matches(DNS_LABEL, label));
}

/** The last part of an IPv4 address begins with a digit. For other names the parser throws an exception, which is slow. */
function isAddress(name: string): boolean {
  return /(^|\.)\d[^.]*$/.test(name) && ipaddr.isValid(name);
}

/** Checks a host that clients request: `shop.example.com` or `*.example.com`, without scheme, port or path, and not an IP address. */
export function checkHost(what: string, host: string): Problem[] {
  if (String(host).includes('://')) {
    return [{ code: 'host-invalid', what: `${what} has a scheme`, got: host, fix: 'give the bare name, such as shop.example.com' }];
  }
  if (String(host).lastIndexOf('*') > 0 || host === '*' || /^\*(?!\.)/.test(host)) {
    return [{
      code: 'host-wildcard-invalid',
      what: `${what} has a wildcard in the wrong place`,
      got: host,
      fix: 'a wildcard stands for the whole first label only, such as *.example.com',
    }];
  }
  const name = typeof host === 'string' ? host.replace(/^\*\./, '') : host;
  const fine = isDnsName(name) && !isAddress(name);
  return checkThat(fine, {
    code: 'host-invalid',
    what: `${what} is not a host name`,
    got: host,
    fix: 'give a lower-case DNS name without scheme, port or path, such as shop.example.com or *.example.com',
  });
}

/** Label and annotation keys: a name, after an optional DNS prefix and a slash. */
export function checkLabelKey(what: string, key: string): Problem[] {
  const [name, prefix, ...rest] = String(key).split('/').reverse();
  const fine = rest.length === 0 && matches(LABEL_NAME, name) && (prefix === undefined || isDnsName(prefix));
  return fine ? checkText(`key of ${what}`, key) : [{
    code: 'label-invalid',
    what: `${what} is not a label key`,
    got: key,
    fix: 'allowed are 1 to 63 letters, digits, dashes, underscores and dots, with an optional DNS prefix and slash before them',
  }];
}

/** Label keys and values. */
export function checkLabels(what: string, labels: { [key: string]: string }): Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...checkLabelKey(what, key),
    ...value === '' || matches(LABEL_NAME, value) ? checkText(`${what} ${JSON.stringify(key)}`, value) : checkThat(false, {
      code: 'label-invalid',
      what: `${what} ${JSON.stringify(key)} has a value that no label may have`,
      got: value,
      fix: 'allowed are up to 63 letters, digits, dashes, underscores and dots, beginning and ending with a letter or digit',
    }),
  ]);
}

/** Annotation keys and values. A value can be any text. */
export function checkAnnotations(what: string, annotations: { [key: string]: string }): Problem[] {
  const problems = Object.entries(annotations).flatMap(([key, value]) => [
    ...checkLabelKey(what, key),
    ...checkText(`${what} ${JSON.stringify(key)}`, value),
  ]);
  return problems.length > 0 ? problems : checkAnnotationsSize(what, annotations);
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/validation/objectmeta.go */
export function checkAnnotationsSize(what: string, annotations: { [key: string]: string }): Problem[] {
  const bytesOf = ([key, value]: [string, string]) => Buffer.byteLength(key) + Buffer.byteLength(value);
  const entries = Object.entries(annotations).sort((one, other) => bytesOf(other) - bytesOf(one));
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  return checkThat(bytes <= LARGEST_ANNOTATIONS_BYTES, {
    code: 'annotations-too-large',
    what: `all ${what}s together are larger than 256 KiB, the largest is ${JSON.stringify(entries[0]?.[0])}`,
    got: `${bytes} bytes`,
    fix: 'Kubernetes takes 262144 bytes for each object: keep the text elsewhere',
  });
}

/** A container image reference. */
export function checkImage(what: string, image: string): Problem[] {
  return checkThat(matches(IMAGE, image), {
    code: 'image-invalid',
    what: `${what} is not an image reference`,
    got: image,
    fix: 'give [registry/]name[:tag][@sha256:digest], such as docker.io/envoyproxy/envoy:v1.40.0',
  });
}

/** A network interface of a Linux machine. */
export function checkInterface(what: string, name: string): Problem[] {
  return checkThat(matches(INTERFACE, name), {
    code: 'interface-invalid',
    what: `${what} is not an interface name`,
    got: name,
    fix: 'allowed are 1 to 15 letters, digits, dots, dashes and underscores, such as eth0 or bond0.100 (see: ip -br link)',
  });
}

/** An Istio version, in the form of an image tag. */
export function checkIstioVersion(what: string, version: string): Problem[] {
  return checkThat(matches(ISTIO_VERSION, version), {
    code: 'istio-version-invalid',
    what: `${what} is not an Istio version`,
    got: version,
    fix: 'give the full version of the control plane, such as 1.31.0 (see: istioctl version)',
  });
}

/** Registry and path of images, without name and tag. */
export function checkImagePrefix(what: string, prefix: string): Problem[] {
  const path = prefix.slice(prefix.lastIndexOf('/') + 1);
  return checkThat(matches(IMAGE, prefix) && !prefix.includes('@') && (!path.includes(':') || prefix.indexOf('/') < 0), {
    code: 'image-invalid',
    what: `${what} is not a registry and path`,
    got: prefix,
    fix: 'give it without tag and digest, such as docker.io/istio',
  });
}

/** A duration in milliseconds from `min` to `max`, in steps of `step`. */
export function checkMilliseconds(what: string, value: number, min: number, max: number, step: number = 1): Problem[] {
  const fine = Number.isFinite(value) && value >= min && value <= max && value % step === 0;
  const steps = step > 1 ? `, in steps of ${showMilliseconds(step)}` : '';
  return checkThat(fine, {
    code: 'duration-out-of-range',
    what: `${what} is out of range`,
    got: showMilliseconds(value),
    fix: `allowed is ${showMilliseconds(min)} to ${showMilliseconds(max)}${steps}`,
  });
}

function showMilliseconds(value: number): string {
  return value >= 1000 || value === 0 ? `${value / 1000} s` : `${value} ms`;
}

/** Checks that a list is not empty and has no element twice. */
export function checkDistinct(code: Code, what: string, values: string[]): Problem[] {
  if (values.length === 0) {
    return [{ code: 'list-empty', what: `${what} is empty`, fix: 'give at least one' }];
  }
  const twice = values.filter((value, index) => values.indexOf(value) < index);
  return [...new Set(twice)].map(value => ({ code, what: `${what} has an element twice`, got: value, fix: 'list each once' }));
}

/** `[problem]` unless the condition holds. */
export function checkThat(fine: boolean, problem: Problem): Problem[] {
  return fine ? [] : [problem];
}
