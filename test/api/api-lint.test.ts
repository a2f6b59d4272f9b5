// CONTRIBUTING's rules for the public surface, checked on the jsii assembly (npm test compiles first)
import { existsSync, readFileSync } from 'fs';
import { join } from 'path';

const ASSEMBLY = join(__dirname, '..', '..', '.jsii');
if (!existsSync(ASSEMBLY)) {
  throw new Error('no .jsii: run npm test without arguments, or npx projen compile, first');
}

interface Docs {
  readonly summary?: string;
  readonly default?: string;
}
interface Member {
  readonly name: string;
  readonly optional?: boolean;
  readonly docs?: Docs;
}
interface Type {
  readonly name: string;
  readonly datatype?: boolean;
  readonly docs?: Docs;
  readonly properties?: Member[];
  readonly methods?: Member[];
  readonly members?: Member[];
  readonly initializer?: { readonly parameters?: unknown[] };
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
