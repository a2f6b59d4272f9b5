// texts and shapes that hurt somewhere: in JavaScript, YAML, shells, or the grammars of the engines
import { Duration } from 'cdk8s';

/** Each is one that some reader has taken for more than a text. */
export const TEXTS: readonly string[] = [
  // quotes, escapes, lines
  '"', '\'', '`', '\\', '\\"', '\\n', 'a"b', 'a\'b', 'a\\', 'a\nb', 'a\r\nb', '\na', 'a\n', 'a\tb', '\ta', '\n\t', '\0', 'a\0b', '\x1b[31m', '\x7f', '\x85', '\u2028', '\u2029', '\ufeff',
  '\ufffe', '\ud800', 'a\udfff', '\u202e', 'é', '🦜', '', ' ', ' a', 'a ', 'a b', '\n', '\n\n',
  // variables, templates and comments
  '${x}', '$(x)', '$x', '$$', '$host', '$remote_addr', '{{ x }}', '{{', '}}', '%[env]', '%[env(PATH)]', '%REQ(:authority)%', '%', '%%', '%0a', '#', 'a #b', ' #', ';', '; x', '}', '{', '{}', '[]',
  '!', '@', '@edge-1 x', '~', '~SEQ(a,1,2)', '!x', '<<', '<script>', '&', '|', '|| true', '&& x', '; rm -rf /', '`id`', '$(id)', '\'; id; \'', '"; id; "', '--help', '-n', '\\1', '*', '?', '..',
  '../../etc/passwd', '/', '//', 'a/../b', 'os.execute("id")', 'core.register_action()', ']] os.exit() --[[', 'return 1', 'include /etc/passwd', 'load_module x;',
  // YAML
  'yes', 'no', 'on', 'y', 'n', 'true', 'null', 'Null', '~', '1e3', '0x10', '0o17', '017', '1_000', '.5', '.inf', '.nan', '-0', '1:30', '2001-01-01', '12', '1.0', '!!binary x', '!!x', 'a: b', ': ', '- a', '-',
  '&a', '*a', '? a', '%YAML', '---', '...', '|', '>', '=', '@a', '{a: b}', '[a, b]', '"a', 'a:', ':a', '#a', '<<: *a',
  // JavaScript
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'undefined', 'NaN', '[object Object]',
  // nearly right
  '127.0.0.1', '::', '::1', '0.0.0.0', '010.0.0.1', '192.0.2.11', '10.0.0.0/8', '10.0.0.1/8', 'fe80::1%eth0', 'a.b', 'A', '*.example.com', 'a.example.com', 'a.example.com.', 'xn--a', 'a:80', 'https://a.example.com', '/a', '/a b', '/a%20b', '/$host',
  // long
  'a'.repeat(64), 'a'.repeat(300), '"'.repeat(300), 'a b '.repeat(70_000),
];

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const revokedArray = Proxy.revocable([], {});
revokedArray.revoke();
const fail = () => { throw new TypeError('hostile'); };

/** Values that no option means, each made anew. */
export const SHAPES: { readonly [name: string]: () => unknown } = {
  'a text': () => 'text', 'NaN': () => NaN, '-0': () => -0, 'Infinity': () => Infinity, '1e308': () => 1e308, '2 ** 53': () => 2 ** 53, '1e-7': () => 1e-7, 'null': () => null, 'true': () => true,
  '10n': () => 10n, 'a symbol': () => Symbol('x'), 'a function': () => () => 1, 'a class': () => class Edge {}, 'a Date': () => new Date(0), 'no date': () => new Date(NaN), 'a Map': () => new Map([['a', 1]]),
  'a regular expression': () => /a/, 'a promise': () => Promise.resolve(1), 'a String object': () => Object('text'), 'a Number object': () => Object(5), 'a Duration': () => Duration.seconds(1),
  'an empty array': () => [], 'a nested array': () => [[[['text']]]], 'a sparse array': () => { const sparse = ['a']; sparse[2] = 'b'; return sparse; }, 'only holes': () => new Array(3),
  'a frozen array': () => Object.freeze(['text']), 'an array with a getter': () => Object.defineProperty(['a'], 0, { get: fail, enumerable: true }),
  'an empty object': () => ({}), 'no prototype': () => Object.create(null), 'unknown key': () => ({ nothing: 1 }), 'own __proto__': () => JSON.parse('{"__proto__": {"port": 1}, "constructor": 1}'),
  'a getter that throws': () => ({ get port() { return fail(); }, get nothing() { return fail(); } }), 'a constructor that throws': () => ({ get constructor() { return fail(); } }),
  'constructor null': () => ({ constructor: null }), 'constructor undefined': () => Object.create({ constructor: undefined }), 'a name that throws': () => ({ constructor: { get name() { return fail(); } } }),
  'a proxy': () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail }), 'a proxy of a text': () => new Proxy(Object('a'), {}), 'a revoked proxy': () => revoked.proxy,
  'a revoked proxy of an array': () => revokedArray.proxy, 'a toJSON that throws': () => ({ toJSON: fail }), 'a toString that throws': () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  'an object in itself': () => { const self: { self?: object } = {}; self.self = self; return self; }, 'a deep object': () => { let deep: object = {}; for (let i = 0; i < 20_000; i += 1) { deep = { deep }; } return deep; },
  'arguments': () => (function (..._: unknown[]) { return arguments; })('a'), 'a typed array': () => new Uint8Array(3), 'an error': () => new Error('x'), 'globalThis': () => globalThis, 'a WeakMap': () => new WeakMap(),
};
