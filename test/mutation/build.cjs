// compiles the copy in place, each file by itself: a program of all files with their types takes ten times as long
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');

const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };
const sources = ['src', 'test', 'sandbox', 'scripts']
  .flatMap(folder => readdirSync(folder, { recursive: true }).map(name => `${folder}/${name}`))
  .filter(file => /(?<!\.d)\.ts$/.test(file));
for (const file of sources) {
  writeFileSync(file.replace(/ts$/, 'js'), transpileModule(readFileSync(file, 'utf8'), { compilerOptions }).outputText);
}
