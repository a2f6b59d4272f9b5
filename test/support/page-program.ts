// the first TypeScript snippet of a page, run as a program
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import * as ts from 'typescript';

/** What a snippet without imports stands in: the names of the libraries, and the nodes of the README. */
const AROUND: [string, string] = [`
  const { App, Chart } = require('cdk8s');
  const { EdgeNodes, MeshEdge, Monitoring, VirtualAddress } = require('cdk8s-istio-edge');
  const app = new App();
  const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });
  const nodes = EdgeNodes.of({ hostname: 'edge-1', address: '192.0.2.11' }, { hostname: 'edge-2', address: '192.0.2.12' });
`, '\napp.synth();'];

/** Text of the files that the snippet writes, by their paths in `dist/`. */
export function filesOfSnippet(page: string): { [path: string]: string } {
  const [, snippet] = /^```ts\n(.*?)^```/ms.exec(page)!;
  const [before, after] = snippet.includes('import ') ? ['', ''] : AROUND;
  const { outputText } = ts.transpileModule(snippet, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const outdir = mkdtempSync(join(tmpdir(), 'page-'));
  process.env.CDK8S_OUTDIR = outdir;
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    new Function('require', 'exports', before + outputText + after)(require, {});
    return filesIn(outdir);
  } finally {
    delete process.env.CDK8S_OUTDIR;
    rmSync(outdir, { recursive: true });
  }
}

function filesIn(folder: string): { [path: string]: string } {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.yaml')).sort();
  return Object.fromEntries(paths.map(path => [path, readFileSync(join(folder, path), 'utf8')]));
}
