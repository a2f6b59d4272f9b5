// every TypeScript snippet of the README and the pages compiles against the library, and their links lead somewhere
import { execFileSync, spawnSync } from 'child_process';
import { existsSync, readdirSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..');
const PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'llms.txt', ...readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)];
const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** Declarations that a page's snippets may use. */
const FIXTURE = `
import { writeFileSync } from 'fs';
import { ApiObject, App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  EdgeCertificate, EdgeFrontProxy, EdgeGateway, EdgeNodes, FrontEnvoy, FrontHaproxy, FrontProxy, Handover, HostNetworkIngressGateway, IIngressGateway, IngressGateway, KeepalivedVip,
  ManagedHostNetworkIngressGateway, ManagedIngressGateway, MeshEdge, Monitoring, RouteApi, TlsRouteVersion, UnmatchedServerName, UpdateMode, VirtualAddress,
} from 'cdk8s-istio-edge';
declare const app: App;
declare const chart: Chart;
declare const nodes: EdgeNodes;
declare const gateway: IIngressGateway;
declare const partnerGateway: IIngressGateway;
declare const front: FrontProxy;
`;

/** All snippets of a page as one program. A snippet that imports is a whole app. A page may declare a name of the fixture itself. */
function programOf(page: string): string {
  const snippets = [...textOf(page).matchAll(/^```ts\n(.*?)^```/gms)].map(match => match[1]);
  const [apps, rest] = [snippets.filter(text => text.includes('import ')), snippets.filter(text => !text.includes('import '))];
  const own = [...rest.join('').matchAll(/^const (\w+)/gm)].map(match => match[1]);
  const fixture = FIXTURE.split('\n').filter(line => !own.some(name => line.startsWith(`declare const ${name}:`))).join('\n');
  return apps.length > 0 ? apps.join('') : `${fixture}${rest.join('')}\nexport {};`;
}

function errorsIn(files: { [name: string]: string }): string[] {
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022, types: ['node'], paths: { 'cdk8s-istio-edge': [join(ROOT, 'src/index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = name => name in files || fileExists(name);
  host.readFile = name => files[name] ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) =>
    name in files ? ts.createSourceFile(name, files[name], target) : getSourceFile(name, target, ...rest);
  return ts.getPreEmitDiagnostics(ts.createProgram(Object.keys(files), options, host))
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

test('snippets compile', () => {
  const pages = PAGES.filter(page => textOf(page).includes('```ts\n'));
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/mesh-edge.md', 'docs/virtual-ip.md']));
  expect(errorsIn(Object.fromEntries(pages.map(page => [join(ROOT, `${page.replace(/\W/g, '-')}.ts`), programOf(page)])))).toEqual([]);
});

test('no app lets any pod claim a client address', () => {
  const apps = PAGES.flatMap(page => [...textOf(page).matchAll(/^```ts\n(.*?)^```/gms)].map(match => ({ page, text: match[1] })));
  const believing = apps.filter(({ text }) => text.includes('preserveClientAddress: true'));
  expect(believing.filter(({ text }) => !text.includes('allowTrafficOnlyFrom(nodes)')).map(({ page }) => page)).toEqual([]);
});

test('a snippet that does not compile is found', () =>
  expect(errorsIn({ [join(ROOT, 'bad.ts')]: `${FIXTURE}new MeshEdge(chart, 'edge', { nods: nodes });` }).join()).toContain('nods'));

test('a shell can read every block of commands', () => {
  const blocks = PAGES.flatMap(page => [...textOf(page).matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, commands]) => ({ page, commands })));
  const refused = blocks.filter(({ commands }) => spawnSync('bash', ['-n'], { input: commands }).status !== 0);
  expect(blocks.length).toBeGreaterThan(80);
  expect(refused).toEqual([]);
});

const anchorsOf = (text: string) => [
  ...[...text.matchAll(/^#+ (.*)$/gm)].map(match => match[1].toLowerCase().replace(/[^\w -]/g, '').replace(/ /g, '-')),
  ...[...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(match => match[1]),
];

/** Every page of the repository. API.md is generated, and lists its own anchors. */
const LINKED = [...execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').filter(page => page !== 'API.md'), 'llms.txt'];

/** `[text](target)`, and `[name]: target` at the end of a page. */
const linksOf = (page: string) => [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)|^\[[^\]]+\]: (?!https?:)(\S+)$/gm)]
  .map(([, inline, reference]) => ({ page, link: inline ?? reference }));

test('links lead somewhere', () => {
  const broken = LINKED.flatMap(linksOf).filter(({ page, link }) => {
    const [path, anchor] = link.split('#');
    const target = join(ROOT, path === '' ? page : join(dirname(page), path));
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor));
  });
  expect(broken.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});

test('llms.txt links every page that a user reads', () => {
  const linked = linksOf('llms.txt').map(({ link }) => link);
  expect(linked.length).toBeGreaterThan(20);
  expect(linked).toEqual(expect.arrayContaining(['README.md', 'API.md', 'SECURITY.md', 'docs/mesh-edge.md', 'docs/validation.md']));
});

test('somebody on call finds each alert', () => {
  const alerts = anchorsOf(textOf('docs/alerts.md')).filter(anchor => anchor.startsWith('istioedge'));
  expect(alerts.length).toBeGreaterThan(10);
  const pages = textOf('docs/operate.md') + textOf('docs/troubleshooting.md');
  expect(alerts.filter(anchor => !pages.includes(`alerts.md#${anchor})`))).toEqual([]);
});

/** Pages, and how many links from the README away each is. */
function distances(): Map<string, number> {
  const found = new Map([['README.md', 0]]);
  for (const [page, distance] of found) {
    const targets = linksOf(page).map(({ link }) => join(dirname(page), link.split('#')[0])).filter(target => PAGES.includes(target));
    targets.filter(target => !found.has(target)).forEach(target => found.set(target, distance + 1));
  }
  return found;
}

test('every page is at most two links from the README, so every section is at most three', () => {
  const found = distances();
  expect(PAGES.filter(page => page !== 'llms.txt' && (found.get(page) ?? Infinity) > 2)).toEqual([]);
});

/** How the lab's criteria name the engines of the columns. A criterion that names none is about Envoy. */
const ENGINES = { Envoy: /^(?!.*(haproxy|nginx))/, HAProxy: /haproxy/, nginx: /nginx/ };

/** Cells of the table of figures: what, engine, the figure, its scenario. */
const quoted = textOf('docs/measured.md').split('\n')
  .map(line => line.split('|').map(cell => cell.trim()).slice(1, -1))
  .filter(([what]) => what !== undefined && !/^(what\b|-)/.test(what))
  .flatMap(([what, ...cells]) => Object.keys(ENGINES).map((engine, index) => [what, engine, cells[index], cells[3]]))
  .filter(([, , figure]) => figure !== '–');

test('docs/measured.md quotes figures', () => expect(quoted.length).toBeGreaterThan(20));

test.each(quoted)('docs/measured.md on %s, %s: %s is what the lab measured in %s', (_, engine, figure, scenario) => {
  const { results } = JSON.parse(textOf('lab/results.json')) as { results: { scenario: string; criterion: string; figure: number; unit: string }[] };
  const measured = results.filter(result => result.scenario === scenario && ENGINES[engine as keyof typeof ENGINES].test(result.criterion));
  const [lost, opened] = figure.replace(/,/g, '').split(' / ');
  expect(measured.some(({ criterion, figure: value, unit }) => opened === undefined
    ? `${value} ${unit}` === figure
    : criterion.includes(`(${lost} of ${opened})`) || (`${value}` === lost && new RegExp(`\\b${opened}\\b`).test(criterion)))).toBe(true);
});

test.each([['README.md', 900], ['ARCHITECTURE.md', 800]])('%s has at most %d words', (page, words) =>
  expect(textOf(page).split(/\s+/).length).toBeLessThanOrEqual(words));
