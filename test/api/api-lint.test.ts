// the public surface, held to CONTRIBUTING's rules: read from the assembly that jsii wrote (npm test compiles first)
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
    'HostPort', 'IHostListener', 'IIngressGateway', 'FrontProxyKind', 'GatewayPlacement', 'RouteApi', 'UpdateMode',
  ])));

describe.each(types)('$name', type => {
  const members = [...type.properties ?? [], ...type.methods ?? [], ...type.members ?? []];

  test('is documented, and so is every member, in a first line of at most 100 characters', () => {
    const summaries = [type, ...members].map(({ name, docs }) => [name, docs?.summary ?? '']);
    expect(summaries.filter(([, summary]) => summary === '' || summary.length > 100)).toEqual([]);
  });
  test('says the default of everything optional', () => {
    const silent = type.datatype ? members.filter(({ optional, docs }) => optional && !docs?.default) : [];
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
  test('has neither unions nor any, and no generated Kubernetes type', () => {
    const signatures = JSON.stringify([members, type.initializer?.parameters ?? []]);
    expect(signatures).not.toMatch(/"union"|"primitive":"any"|cdk8s-plus-27\.k8s\./);
  });
});
