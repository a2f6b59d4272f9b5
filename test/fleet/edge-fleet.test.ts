import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { messageOf } from '../../sandbox/synth';
import { EdgeFleet, EdgeNodes, MeshEdge, VirtualAddress } from '../../src';

const folders: string[] = [];
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true })));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  folders.push(folder);
  return folder;
}

/** All files below, by path. */
function filesBelow(folder: string): { [path: string]: string } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const names = files.map(entry => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.sort().map(path => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** A store: what differs is its third byte. */
function buildStore(app: App, store: number): void {
  const edge = new MeshEdge(new Chart(app, 'edge', { namespace: 'istio-ingress' }), 'edge', {
    nodes: EdgeNodes.of({ hostname: 'edge-1', address: `10.0.${store}.11` }, { hostname: 'edge-2', address: `10.0.${store}.12` }),
    networkInterface: 'eth0',
    virtualAddresses: [VirtualAddress.of(`10.0.${store}.100`)],
  });
  edge.expose(`store-${store}.example.com`, { service: 'shop', port: 8080 });
}

function configMap(chart: Chart, id: string): ApiObject {
  return new ApiObject(chart, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id }, data: { text: 'a\nb\n', key: 'on' } });
}

/** Charts in charts, and charts that need each other: cdk8s numbers the files. */
function buildDependentCharts(app: App): void {
  const [first, second] = [new Chart(app, 'first'), new Chart(app, 'second')];
  new ApiObject(new Chart(second, 'inner'), 'inside', { apiVersion: 'v1', kind: 'ConfigMap' });
  configMap(first, 'late').node.addDependency(configMap(second, 'early'));
}

const BUILDS: { [site: string]: (app: App) => void } = {
  'store-1': app => buildStore(app, 1),
  'store-2': app => buildStore(app, 2),
  'dependent': buildDependentCharts,
  'two-charts': app => ['a', 'b'].forEach(id => configMap(new Chart(app, id), 'same')),
};

function fleetOf(outdir: string, builds: { [site: string]: (app: App) => void } = BUILDS): EdgeFleet {
  const fleet = new EdgeFleet({ outdir });
  Object.entries(builds).forEach(([name, build]) => fleet.addSite(name, { makeCharts: build }));
  return fleet;
}

describe('a fleet', () => {
  let outdir: string;
  beforeAll(() => {
    outdir = newFolder();
    fleetOf(outdir).synth();
  });

  test.each(Object.keys(BUILDS))('writes the bytes of an App of its own for %s', site => {
    const alone = new App({ outdir: newFolder() });
    BUILDS[site](alone);
    alone.synth();
    expect(filesBelow(join(outdir, site))).toEqual(filesBelow(alone.outdir));
  });

  test.each(Object.keys(BUILDS))('records the constructs of %s as an App of its own does', site => {
    process.env.CDK8S_RECORD_CONSTRUCT_METADATA = 'true';
    try {
      const [recorded, alone] = [newFolder(), new App({ outdir: newFolder() })];
      fleetOf(recorded).synth();
      BUILDS[site](alone);
      alone.synth();
      const files = filesBelow(alone.outdir);
      expect(Object.keys(files)).toContain('construct-metadata.json');
      expect(filesBelow(join(recorded, site))).toEqual(files);
    } finally {
      delete process.env.CDK8S_RECORD_CONSTRUCT_METADATA;
    }
  });

  test('writes one folder a site, and nothing else', () => {
    expect(Object.keys(filesBelow(outdir))).toEqual([
      'dependent/0000-second-inner-c886a2be.k8s.yaml', 'dependent/0001-second.k8s.yaml', 'dependent/0002-first.k8s.yaml',
      'store-1/edge.k8s.yaml', 'store-2/edge.k8s.yaml', 'two-charts/a.k8s.yaml', 'two-charts/b.k8s.yaml',
    ]);
  });

  test('writes the same bytes again, in whatever order its sites come', () => {
    const again = newFolder();
    fleetOf(again, Object.fromEntries(Object.entries(BUILDS).reverse())).synth();
    expect(filesBelow(again)).toEqual(filesBelow(outdir));
  });

  test('compares no ports, router ids and addresses between sites', () => {
    const same = newFolder();
    expect(() => fleetOf(same, { 'store-1': BUILDS['store-1'], 'its-twin': BUILDS['store-1'] }).synth()).not.toThrow();
    expect(filesBelow(join(same, 'its-twin'))).toEqual(filesBelow(join(same, 'store-1')));
  });

  test('makes its folder even when it has no sites: cdk8s synth looks for it', () => {
    const empty = join(newFolder(), 'dist');
    new EdgeFleet({ outdir: empty }).synth();
    expect(filesBelow(empty)).toEqual({});
  });

  test('gives a site an App that writes to its folder', () => {
    const own = newFolder();
    const outdirs: string[] = [];
    fleetOf(own, { 'store-1': app => { outdirs.push(app.outdir); BUILDS['store-1'](app); app.synth(); } }).synth();
    expect(outdirs).toEqual([join(own, 'store-1')]);
    expect(filesBelow(own)).toEqual({ 'store-1/edge.k8s.yaml': filesBelow(outdir)['store-1/edge.k8s.yaml'] });
  });
});

describe('the folder', () => {
  afterEach(() => delete process.env.CDK8S_OUTDIR);

  test('is the one that cdk8s synth asks for', () => {
    process.env.CDK8S_OUTDIR = 'elsewhere';
    expect(new EdgeFleet().outdir).toBe('elsewhere');
  });

  test('is the one that is given, whatever cdk8s synth asks for', () => {
    process.env.CDK8S_OUTDIR = 'elsewhere';
    const given = newFolder();
    expect(new EdgeFleet({ outdir: given }).outdir).toBe(given);
  });

  test('is dist otherwise', () => expect(new EdgeFleet().outdir).toBe('dist'));
});

describe('the name of a site', () => {
  test.each(['1', 'store-0042', 'eu.west_1', 'S'.repeat(63)])('may be %s', name =>
    expect(messageOf(() => new EdgeFleet().addSite(name, { makeCharts: () => {} }))).toBe(''));

  test.each(['', '.', '..', '../escape', 'a/b', 'a\\b', '/etc', '.hidden', 'dot.', '-rf', 'a b', 'ä', 'a\0', 'a\n', 's'.repeat(64)])('fails for %j', name =>
    expect(messageOf(() => new EdgeFleet().addSite(name, { makeCharts: () => {} }))).toMatch(/^\[EdgeFleet\.addSite\(\)\] site-name-invalid: name of a site cannot be a folder name, got .*; expected /));

  test.each(['store-1', 'STORE-1'])('fails for %s when store-1 is there', name => {
    const fleet = new EdgeFleet();
    fleet.addSite('store-1', { makeCharts: () => {} });
    expect(messageOf(() => fleet.addSite(name, { makeCharts: () => {} }))).toBe(
      `[EdgeFleet.addSite()] site-twice: another site has this name (upper and lower case count as the same), got ${JSON.stringify(name)}; add each site once`);
  });
});

describe('synthesis', () => {
  const clash = (app: App) => {
    const chart = new Chart(app, 'edge');
    const nodes = EdgeNodes.of({ hostname: 'edge-1', address: '10.0.0.1' });
    ['one', 'two'].forEach(id => new MeshEdge(chart, id, { nodes }));
  };

  test('fails with all errors of all sites, each by its name, and writes nothing', () => {
    const outdir = join(newFolder(), 'dist');
    const bad = { 'store-1': BUILDS['store-1'], 'store-300': (app: App) => buildStore(app, 300), 'store-4': clash, 'store-5': () => { throw 'no data'; } };
    const message = messageOf(() => fleetOf(outdir, bad).synth());
    expect(message).toMatch(/^site-failed: 3 of 4 sites have errors, and no file was written; correct the errors below\nstore-300: \[EdgeNodes\.of\(\)\] address-invalid: .*10\.0\.300\.11/);
    expect(message).toMatch(/^store-4: Validation failed with the following errors:\n +\[edge\/two\S*\] host-port-clash: /m);
    expect(message).toMatch(/^store-5: no data$/m);
    expect(existsSync(outdir)).toBe(false);
  });

  test('fails for a site that made no chart in its App', () => {
    const elsewhere = (_: App) => new Construct(undefined as never, '');
    expect(messageOf(() => fleetOf(newFolder(), { 'store-1': elsewhere }).synth())).toMatch(/^site-failed: 1 of 1 .*\nstore-1: site-empty: a site has no chart; make one in makeCharts/s);
  });

  test('fails for a site whose function is async: its charts would be lost', () =>
    expect(messageOf(() => fleetOf(newFolder(), { 'store-1': async app => { new Chart(app, 'edge'); } }).synth()))
      .toContain('\nstore-1: site-asynchronous: makeCharts() returns a promise; load the data before addSite()'));

  test('fails with the first twenty errors, and says how many there are', () => {
    const sites = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`store-${index}`, () => { throw new Error('no data'); }]));
    const lines = messageOf(() => fleetOf(newFolder(), sites).synth()).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[21]).toBe('and 5 more');
  });

  test('keeps where the first error was thrown', () => {
    const error = new Error('no data');
    expect.assertions(1);
    try {
      fleetOf(newFolder(), { 'store-1': () => { throw error; } }).synth();
    } catch (thrown) {
      expect((thrown as Error).cause).toBe(error);
    }
  });
});
