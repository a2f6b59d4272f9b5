// checks of single values: ports, names, durations. Each check returns the problems that it found
import * as ipaddr from 'ipaddr.js';
import type { Code } from './codes';
import type { Problem } from './problem';
import { checkText } from './texts';

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Linux allows at most 15 bytes (IFNAMSIZ) without slash, colon and white space. These characters need no quotes. */
const INTERFACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;
const ISTIO_VERSION = /^[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9]+([.-][A-Za-z0-9]+)*)?$/;

/** Limit of Kubernetes for all keys and values of an object's annotations together. */
const LARGEST_ANNOTATIONS_BYTES = 256 * 1024;

/** Checks a port: a whole number from 1 to 65535. */
export function checkPort(what: string, port: number): Problem[] {
  return checkInteger('port-out-of-range', what, port, 1, 65_535);
}

/** Checks a whole number from `min` to `max`. */
export function checkInteger(code: Code, what: string, value: number, min: number, max: number): Problem[] {
  return checkThat(Number.isInteger(value) && value >= min && value <= max, {
    code, what: `${what} is out of range`, got: value, fix: `expected a whole number from ${min} to ${max}`,
  });
}

/** RFC 1123 label: names of Services, namespaces, ServiceAccounts. */
export function checkDnsLabel(what: string, name: string): Problem[] {
  return checkThat(DNS_LABEL.test(name), {
    code: 'name-invalid',
    what: `${what} is not a DNS label`,
    got: name,
    fix: 'expected 1 to 63 lower-case letters, digits and dashes, with a letter or digit first and last',
  });
}

/** RFC 1123 subdomain: host names of nodes, cluster domains, names of ConfigMaps and Secrets. */
export function checkDnsName(code: Code, what: string, name: string): Problem[] {
  return checkThat(isDnsName(name), {
    code,
    what: `${what} is not a DNS name`,
    got: name,
    fix: 'expected lower-case labels joined by dots, at most 253 characters, such as edge-1.example.com; '
      + 'a label has 1 to 63 letters, digits and dashes, with a letter or digit first and last',
  });
}

function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every(label => DNS_LABEL.test(label));
}

/** The last part of an IPv4 address begins with a digit. For other names the parser throws, which is slow. */
function isAddress(name: string): boolean {
  return /(^|\.)\d[^.]*$/.test(name) && ipaddr.isValid(name);
}

/** Checks a host that clients request: `shop.example.com` or `*.example.com`, and not an IP address. */
export function checkHost(what: string, host: string): Problem[] {
  if (host.includes('://')) {
    return [{
      code: 'host-invalid',
      what: `${what} has a scheme`,
      got: host,
      fix: 'give the name alone, such as shop.example.com',
    }];
  }
  if (host.lastIndexOf('*') > 0 || host === '*' || /^\*(?!\.)/.test(host)) {
    return [{
      code: 'host-wildcard-invalid',
      what: `${what} has a wildcard in the wrong place`,
      got: host,
      fix: 'expected a wildcard as the whole first label, such as *.example.com',
    }];
  }
  const name = host.replace(/^\*\./, '');
  return checkThat(isDnsName(name) && !isAddress(name), {
    code: 'host-invalid',
    what: `${what} is not a host name`,
    got: host,
    fix: 'expected a lower-case DNS name without scheme, port or path, such as shop.example.com or *.example.com',
  });
}

/** Label and annotation keys: a name, after an optional DNS prefix and a slash. */
export function checkLabelKey(what: string, key: string): Problem[] {
  const [name, prefix, ...rest] = key.split('/').reverse();
  const isValid = rest.length === 0 && LABEL_NAME.test(name) && (prefix === undefined || isDnsName(prefix));
  return isValid ? checkText(what, key) : [{
    code: 'label-invalid',
    what: `${what} does not have the form of a label key`,
    got: key,
    fix: 'expected 1 to 63 letters, digits, dashes, underscores and dots, after an optional DNS prefix and slash, '
      + 'such as example.com/team',
  }];
}

/** Label keys and values. */
export function checkLabels(what: string, labels: { [key: string]: string }): Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...checkLabelKey(`key of ${what}`, key),
    ...checkLabelValue(`${what} ${JSON.stringify(key)}`, value),
  ]);
}

/** A label value, which can be empty. */
export function checkLabelValue(what: string, value: string): Problem[] {
  return value === '' || LABEL_NAME.test(value) ? checkText(what, value) : [{
    code: 'label-invalid',
    what: `${what} is not a label value`,
    got: value,
    fix: 'expected at most 63 letters, digits, dashes, underscores and dots, with a letter or digit first and last',
  }];
}

/** Annotation keys and values. A value can be any text. */
export function checkAnnotations(what: string, annotations: { [key: string]: string }): Problem[] {
  const problems = Object.entries(annotations).flatMap(([key, value]) => [
    ...checkLabelKey(`key of ${what}`, key),
    ...checkText(`${what} ${JSON.stringify(key)}`, value),
  ]);
  return problems.length > 0 ? problems : checkAnnotationsSize(`${what}s`, annotations);
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/validation/objectmeta.go */
export function checkAnnotationsSize(what: string, annotations: { [key: string]: string }): Problem[] {
  const bytesOf = ([key, value]: [string, string]) => Buffer.byteLength(key) + Buffer.byteLength(value);
  const entries = Object.entries(annotations).sort((one, other) => bytesOf(other) - bytesOf(one));
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  return checkThat(bytes <= LARGEST_ANNOTATIONS_BYTES, {
    code: 'annotations-too-large',
    what: `${what} are larger than 256 KiB together (largest: ${JSON.stringify(entries[0]?.[0])})`,
    got: `${bytes} bytes`,
    fix: `expected at most ${LARGEST_ANNOTATIONS_BYTES} bytes for an object: shorten the values`,
  });
}

/** A network interface of a Linux machine. */
export function checkInterface(what: string, name: string): Problem[] {
  return checkThat(INTERFACE.test(name), {
    code: 'interface-invalid',
    what: `${what} is not an interface name`,
    got: name,
    fix: 'expected 1 to 15 letters, digits, dots, dashes and underscores, such as eth0 or bond0.100 (see: ip -br link)',
  });
}

/** An Istio version, in the form of an image tag. */
export function checkIstioVersion(what: string, version: string): Problem[] {
  return checkThat(ISTIO_VERSION.test(version), {
    code: 'istio-version-invalid',
    what: `${what} is not an Istio version`,
    got: version,
    fix: 'expected the full version of the control plane, such as 1.31.0 (see: istioctl version)',
  });
}

/** A duration in milliseconds from `min` to `max`, in steps of `step`. */
export function checkMilliseconds(what: string, value: number, min: number, max: number, step: number = 1): Problem[] {
  const steps = step > 1 ? `, in steps of ${showMilliseconds(step)}` : '';
  return checkThat(value >= min && value <= max && value % step === 0, {
    code: 'duration-out-of-range',
    what: `${what} is out of range`,
    got: showMilliseconds(value),
    fix: `expected ${showMilliseconds(min)} to ${showMilliseconds(max)}${steps}`,
  });
}

function showMilliseconds(value: number): string {
  return value >= 1000 || value === 0 ? `${value / 1000} s` : `${value} ms`;
}

/** Checks that a list is not empty and has no element twice. */
export function checkDistinct(code: Code, what: string, values: string[]): Problem[] {
  const twice = values.filter((value, index) => values.indexOf(value) < index);
  return [
    ...checkNotEmpty(what, values.length),
    ...[...new Set(twice)].map(value => ({ code, what: `${what} must not repeat a value`, got: value, fix: 'list each value once' })),
  ];
}

/** Checks that a list or map is not empty. */
export function checkNotEmpty(what: string, size: number): Problem[] {
  return checkThat(size > 0, { code: 'list-empty', what: `${what} must not be empty`, fix: 'give at least one' });
}

/** `[problem]` unless the condition holds. */
export function checkThat(condition: boolean, problem: Problem): Problem[] {
  return condition ? [] : [problem];
}
