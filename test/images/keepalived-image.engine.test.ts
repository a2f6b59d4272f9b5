// images/keepalived, built for real: reproducible, complete, small, and its programs run
import { execFileSync, spawnSync } from 'child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { calledPrograms } from './called-programs';
import { buildImage } from '../../lab/cluster/built-image';
import { handoverProcess } from '../../src/engines/handover/process';
import { handover as model } from '../engines/golden/handover-dual-stack/model';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(600_000);

const SOURCES = join(__dirname, '../..');
const FOLDER = join(SOURCES, 'images/keepalived');
const SCRIPTS = ['keepalived', 'handover'].map(folder => join(SOURCES, 'src/engines', folder))
  .flatMap(folder => readdirSync(folder).filter(name => name.endsWith('.sh')).map(name => join(folder, name)))
  // it runs in the image of nginx
  .filter(file => !file.endsWith('keepalived-metrics.sh'));
/** One of wget and curl is enough. */
const NEEDED = [...new Set(SCRIPTS.flatMap(file => calledPrograms(readFileSync(file, 'utf8'))))].filter(name => name !== 'curl');

describeEngineInPod('keepalived', () => {
  let work: string;
  let image: string;
  let root: string;
  const blob = (digest: string) => join(work, 'layout/blobs/sha256', digest.replace('sha256:', ''));
  const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
  const packages = () => readFileSync(join(image, 'packages.txt'), 'utf8').trim().split('\n').slice(1);
  /** In the image, with a network of its own. */
  const inImage = (script: string) => {
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', '--pid', '--fork', '--mount-proc', `--root=${root}`, '/bin/sh', '-euc', script], {
      encoding: 'utf8', env: { PATH: json(join(image, 'config.json')).config.Env[0].slice('PATH='.length) },
    });
    return { status, said: stdout + stderr };
  };

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'edge-image-'));
    image = join(work, 'once');
    root = join(work, 'root');
    await buildImage('keepalived', image, console.warn);
    ['layout', 'root'].forEach(name => mkdirSync(join(work, name)));
    execFileSync('tar', ['-C', join(work, 'layout'), '-xf', join(image, 'keepalived.tar')]);
    const manifest = json(blob(json(join(work, 'layout/index.json')).manifests[0].digest));
    execFileSync('tar', ['-C', root, '-xzf', blob(manifest.layers[0].digest)]);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test('a second build has the same digest', () => {
    const source = readFileSync(join(image, 'packages.txt'), 'utf8') === readFileSync(join(FOLDER, 'packages.txt'), 'utf8') ? [] : ['--newest'];
    execFileSync(join(FOLDER, 'build.sh'), [...source, join(work, 'again')], { stdio: ['ignore', 'ignore', 'inherit'] });
    const digests = ['once', 'again'].map(name => readFileSync(join(work, name, 'digest'), 'utf8'));
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(digests[1]).toBe(digests[0]);
    expect(readFileSync(join(work, 'again/keepalived.tar')).equals(readFileSync(join(image, 'keepalived.tar')))).toBe(true);
  });

  test('it is a valid OCI layout', () => {
    const index = json(join(work, 'layout/index.json'));
    const manifest = json(blob(index.manifests[0].digest));
    expect(`${index.manifests[0].digest}\n`).toBe(readFileSync(join(image, 'digest'), 'utf8'));
    for (const { digest, size } of [...index.manifests, manifest.config, ...manifest.layers]) {
      expect(`sha256:${execFileSync('sha256sum', [blob(digest)], { encoding: 'utf8' }).slice(0, 64)}`).toBe(digest);
      expect(statSync(blob(digest)).size).toBe(size);
    }
    const layer = execFileSync('sha256sum', [join(image, 'layer.tar')], { encoding: 'utf8' }).slice(0, 64);
    expect(json(blob(manifest.config.digest)).rootfs.diff_ids).toEqual([`sha256:${layer}`]);
  });

  test('it has every program that the scripts of keepalived and the hand-over call', () => {
    expect(NEEDED).toEqual(expect.arrayContaining(['keepalived', 'ip', 'nft', 'ping', 'ss', 'wget']));
    expect(inImage(NEEDED.map(name => `command -v ${name} >/dev/null || echo ${name} is missing`).join('\n'))).toEqual({ status: 0, said: '' });
  });

  test('its programs run, with all their libraries', () => {
    const keepalived = packages().find(name => name.startsWith('keepalived='))!.replace(/.*:|-.*/g, '');
    expect(inImage('keepalived --version').said).toContain(`Keepalived v${keepalived} `);
    // BusyBox's own server answers
    expect(inImage('ip link set lo up; httpd -p 127.0.0.1:8080 -h /usr/lib; sleep 0.2; wget -S -O /dev/null http://127.0.0.1:8080/os-release').said).toContain('HTTP/1.1 200 OK');
  });

  test('the hand-over runs in it, and cleans up when it ends', () => {
    const { command, files } = handoverProcess(model);
    Object.entries(files).forEach(([name, text]) => writeFileSync(join(root, 'etc', name), text));
    const { status, said } = inImage(`
      ip link set lo up; ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip address add 192.0.2.11/24 dev eth0
      NODE_NAME=edge-1 timeout -s TERM 3 ${command.join(' ')}
      nft list tables; ip rule show lookup ${model.routingTable}`);
    expect({ status, said }).toEqual({ status: 0, said: expect.stringMatching(/^handover: connections to .* survive a move\n$/) });
  });

  test('it is small, and gives no user more rights', () => {
    expect(statSync(join(image, 'keepalived.tar')).size).toBeLessThan(25e6);
    expect(execFileSync('find', [root, '-perm', '/6000', '-type', 'f'], { encoding: 'utf8' })).toBe('');
    // sticky folders are for all users
    expect(execFileSync('find', [root, '-perm', '-o+w', '!', '-perm', '-1000', '!', '-type', 'l'], { encoding: 'utf8' })).toBe('');
  });

  test('its list of packages and its bill of materials are complete', () => {
    const installed = execFileSync('dpkg-query', [`--admindir=${join(root, 'var/lib/dpkg')}`, '-W', '-f', '${Package}=${Version}\n'], { encoding: 'utf8' });
    expect(installed.trim().split('\n').sort()).toEqual(packages().sort());
    const bill = (folder: string) => {
      execFileSync(join(FOLDER, 'sbom.sh'), [join(work, folder)], { stdio: ['ignore', 'ignore', 'inherit'] });
      return readFileSync(join(work, folder, 'keepalived.spdx.json'), 'utf8');
    };
    const first = bill('once');
    expect(JSON.parse(first)).toMatchObject({ spdxVersion: 'SPDX-2.3' });
    const named = JSON.parse(first).packages.map(({ name, versionInfo }: { name: string; versionInfo?: string }) => `${name}=${versionInfo}`);
    expect(packages().filter(name => !named.includes(name))).toEqual([]);
    expect(bill('again')).toBe(first);
  });
});
