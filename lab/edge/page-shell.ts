// a folder and a shell for the commands of a page: `kubectl` of the cluster, `git`, and the files that the page assumes

import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EdgeUnderTest } from './edge-under-test';
import { Example, objectsOf } from './examples';
import { CommandFailed, run } from '../cluster/commands';
import { writeObjects } from '../cluster/objects';
import { Progress } from '../cluster/progress';
import { missingLines, PageBlock, SUCCEEDS } from '../page-commands';

/** What kubectl says if no resource has the label. */
const SELECTS_NOTHING = /^No resources found/m;
/** Who commits, where git has no name in its settings. */
const COMMITTER = { GIT_AUTHOR_NAME: 'lab', GIT_AUTHOR_EMAIL: 'lab@example.com', GIT_COMMITTER_NAME: 'lab', GIT_COMMITTER_EMAIL: 'lab@example.com' };

/** As the README writes it. */
const TSCONFIG = '{"compilerOptions":{"module":"commonjs","target":"es2022","strict":true}}';

/** A folder and a shell on the client's network. */
export class PageShell {
  public static async of(edge: EdgeUnderTest): Promise<PageShell> {
    const folder = mkdtempSync(join(tmpdir(), 'operate-'));
    mkdirSync(join(folder, 'bin'));
    edge.cluster.controlPlane.writeKubectl(join(folder, 'bin/kubectl'));
    const shell = new PageShell(edge, folder);
    await shell.bash(`openssl req -x509 -newkey rsa:2048 -nodes -keyout shop.key -out shop.crt -subj /CN=shop.example.com \\
      -addext subjectAltName=DNS:shop.example.com; git init -q`);
    return shell;
  }

  private constructor(public readonly edge: EdgeUnderTest, private readonly folder: string) {}

  /** Writes the manifests that the page's `dist/` has. */
  public write(example: Example): void {
    mkdirSync(join(this.folder, 'dist'), { recursive: true });
    writeFileSync(join(this.folder, 'dist/edge.k8s.yaml'), writeObjects(objectsOf(example)));
  }

  /** Makes the folder a project with this program. Its packages are those of this tree, and the library is the tree itself. */
  public project(program: string): void {
    const root = join(__dirname, '../..');
    const modules = join(root, 'node_modules');
    mkdirSync(join(this.folder, 'node_modules'));
    readdirSync(modules).forEach(name => symlinkSync(join(modules, name), join(this.folder, 'node_modules', name)));
    symlinkSync(root, join(this.folder, 'node_modules/cdk8s-istio-edge'));
    writeFileSync(join(this.folder, 'tsconfig.json'), TSCONFIG);
    writeFileSync(join(this.folder, 'main.ts'), program);
  }

  /** Commits the manifests. */
  public async commit(message: string): Promise<void> {
    await this.bash(`git add dist && git commit -qm '${message}'`);
  }

  /** Whether a block prints what its page shows. Says what it prints instead. */
  public async printsAsShown(page: string, block: PageBlock, progress: Progress): Promise<boolean> {
    const where = `${page}:${block.line}`;
    try {
      const output = await this.run(block);
      const missing = [...missingLines(block, output), ...block.marks.includes(SUCCEEDS) && SELECTS_NOTHING.test(output) ? ['resources'] : []];
      if (missing.length > 0) progress.say(`${where} does not print ${JSON.stringify(missing)}, but:\n${output}`);
      return missing.length === 0;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      progress.say(`${where}: ${error.message}`);
      return false;
    }
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run({ commands, marks }: PageBlock): Promise<string> {
    const { cluster } = this.edge;
    const machine = marks.includes('holder') ? await this.edge.holder() : cluster.edges.find(({ name }) => marks.includes(name));
    const all = marks.includes(SUCCEEDS) ? `set -o pipefail; exec 2>&1\n${commands}` : commands; // kubectl writes on stderr that it found nothing
    return machine ? machine.exec(['bash', '-ec', all]) : this.bash(all);
  }

  /** Runs commands in the folder, on the client's network. */
  public async bash(commands: string): Promise<string> {
    const env = { ...process.env, ...COMMITTER, PATH: `${join(this.folder, 'bin')}:${process.env.PATH}` };
    return run(this.edge.cluster.client.inNetwork(['bash', '-ec', commands]), { cwd: this.folder, env, seconds: 400 });
  }
}
