// Packs the version of CHANGELOG.md's first section for all four registries, and prints the commands that publish it. usage: npm run release [-- --dry-run]
// Stops before it packs if a check fails; --dry-run never packs.
import { execFileSync } from 'child_process';
import { existsSync, readFileSync } from 'fs';
import { BASELINE, currentApi } from './api-baseline';
import { README_OF } from './registry-readme';
import { checksOf, versionOf } from './release-checks';

const [option] = process.argv.slice(2);
if (option !== undefined && option !== '--dry-run') throw new Error('usage: npm run release [-- --dry-run]');
if (!existsSync('.jsii')) throw new Error('no .jsii: run npx projen compile first');

const textOf = (file: string) => readFileSync(file, 'utf8');
const linesOf = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' }).split('\n').filter(line => line !== '');
const { name, author, repository, jsii: { targets: { java, python, go } } } = JSON.parse(textOf('package.json'));
const version = versionOf(textOf('CHANGELOG.md'));

const checks = Object.entries(checksOf({
  changelog: textOf('CHANGELOG.md'),
  uncommitted: linesOf('git', 'status', '--porcelain'),
  commit: linesOf('git', 'rev-parse', 'HEAD')[0],
  tags: linesOf('git', 'tag'),
  verdict: existsSync('test-reports/verdict.json') ? JSON.parse(textOf('test-reports/verdict.json')) : undefined,
  apiAccepted: textOf(BASELINE) === currentApi(),
  author: author.url ?? author.email,
  repository: repository.url,
  images: linesOf('grep', '-rhoP', String.raw`^export const \w+_IMAGE = '\K[^']+`, 'src'),
  readmes: Object.fromEntries(Object.values(README_OF).map(page => [page, textOf(page)])),
}));
const failed = checks.filter(([, wrong]) => wrong !== '');
checks.forEach(([check, wrong]) => console.log(wrong === '' ? `ok      ${check}` : `FAILED  ${check}: ${wrong}`));

console.log(`
version ${version}
  npm     ${name}@${version}, with provenance: only a CI system that npm trusts can write it
  PyPI    ${python.distName} ${version}
  Maven   ${java.maven.groupId}:${java.maven.artifactId}:${version}
  Go      ${go.moduleName}/${go.packageName}@v${version}

publish, after \`npm run release\` has packed, with the credentials of each registry:
  npx publib-npm dist/js
  npx publib-pypi dist/python
  npx publib-maven dist/java
  npx publib-golang dist/go
  git tag v${version}`);

if (failed.length > 0) {
  console.log(`\n${failed.length} of ${checks.length} checks failed: nothing is packed`);
  process.exitCode = 1;
} else if (option === undefined) {
  execFileSync('npx', ['projen', 'package-all'], { stdio: 'inherit', env: { ...process.env, RELEASE_VERSION: version } });
}
