// CONTRIBUTING's rules for the public surface, checked on the jsii assembly (npm test compiles first)
import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { CODES } from '../../src/validation/codes';
import { CALLS } from '../../src/validation/type-table';

const ASSEMBLY = join(__dirname, '..', '..', '.jsii');
if (!existsSync(ASSEMBLY)) {
  throw new Error('no .jsii: run npm test without arguments, or npx projen compile, first');
}

interface Docs {
  readonly summary?: string;
  readonly remarks?: string;
  readonly default?: string;
  readonly custom?: { readonly throws?: string };
}
interface Member {
  readonly name: string;
  readonly optional?: boolean;
  readonly type?: { readonly primitive?: string; readonly fqn?: string };
  readonly docs?: Docs;
}
interface Type {
  readonly name: string;
  readonly datatype?: boolean;
  readonly docs?: Docs;
  readonly properties?: Member[];
  readonly methods?: Member[];
  readonly members?: Member[];
  readonly initializer?: { readonly parameters?: unknown[]; readonly docs?: Docs };
}

const types: Type[] = Object.values(JSON.parse(readFileSync(ASSEMBLY, 'utf8')).types);

test('holds what the design names', () =>
  expect(types.map(type => type.name)).toEqual(expect.arrayContaining([
    'EdgeNodes', 'HostNetworkIngressGateway', 'IngressGateway', 'FrontEnvoy', 'FrontHaproxy', 'FrontNginx', 'KeepalivedVip', 'VirtualAddress', 'MeshEdge',
    'HostPort', 'IHostListener', 'IIngressGateway', 'EdgeFrontProxy', 'EdgeGateway', 'RouteApi', 'UpdateMode',
  ])));

const membersOf = (type: Type) => [...type.properties ?? [], ...type.methods ?? [], ...type.members ?? []];
/** The members that break a rule, as `Type.member`. */
const offenders = (breaks: (member: Member, type: Type) => boolean) => types.flatMap(type =>
  membersOf(type).filter(member => breaks(member, type)).map(member => `${type.name}.${member.name}`));
const isUndocumented = ({ docs }: { readonly docs?: Docs }) => !docs?.summary || docs.summary.length > 100;

test('every type and member is documented, in a first line of at most 100 characters', () =>
  expect([...types.filter(isUndocumented).map(({ name }) => name), ...offenders(isUndocumented)]).toEqual([]));

test('every option says its default', () =>
  expect(offenders(({ optional, docs }, { datatype }) => datatype === true && optional === true && !docs?.default)).toEqual([]));

test('no type has a union, any, or a generated Kubernetes type', () => {
  const signatures = types.map(type => ({ name: type.name, text: JSON.stringify([membersOf(type), type.initializer?.parameters ?? []]) }));
  expect(signatures.filter(({ text }) => /"union"|"primitive":"any"|cdk8s-plus-27\.k8s\./.test(text)).map(({ name }) => name)).toEqual([]);
});

/** `1 to 65535`, `10 ms to 1 minute`, `1 to \`maxConnections\``, `0 s or more`. */
const RANGE = /(\d|`)\S*( \w+)? (to [`\d]|or more)/;
const QUANTITIES = ['cdk8s.Duration', 'cdk8s.Size', 'cdk8s-plus-27.Cpu'];
const isQuantity = ({ type }: Member) => type?.primitive === 'number' || QUANTITIES.includes(type?.fqn ?? '');

test('every option that is a number, a duration or a size says its range', () =>
  expect(offenders((member, { name, datatype }) => datatype === true && !name.endsWith('Resources') && isQuantity(member)
    && !RANGE.test(`${member.docs?.summary} ${member.docs?.remarks}`))).toEqual([]));

/** What the docs of a public call name after `@throws`. */
function throwsOf(call: string): string {
  const [name, method] = call.replace(/^new /, '').split('.');
  const type = types.find(candidate => candidate.name === name);
  const docs = method === undefined ? type?.initializer?.docs : type?.methods?.find(candidate => candidate.name === method)?.docs;
  return docs?.custom?.throws ?? '';
}

test('every constructor and method with arguments says which errors it throws, by their codes', () => {
  expect(Object.keys(CALLS).filter(call => throwsOf(call) === '')).toEqual([]);
  const codes = Object.keys(CALLS).flatMap(call => throwsOf(call).match(/[a-z0-9]+(-[a-z0-9]+)+/g) ?? []);
  expect(codes.filter(code => !(code in CODES))).toEqual([]);
});
