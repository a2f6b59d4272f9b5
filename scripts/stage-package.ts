// Writes the folder that jsii-pacmak packs: the compiled library, with the README of one language. usage: stage-package.ts LANGUAGE FOLDER
// RELEASE_VERSION is the version of the package; without it, it is package.json's.

import { execFileSync } from 'child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import { publicTypes } from './public-types';
import { README_OF, withAbsoluteLinks } from './registry-readme';

const [language, stage] = process.argv.slice(2);
const page = README_OF[language];
if (!page || !stage) throw new Error(`usage: stage-package.ts ${Object.keys(README_OF).join('|')} FOLDER`);

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const manifest = json('package.json');
const version = process.env.RELEASE_VERSION ?? manifest.version;
const readme = withAbsoluteLinks(readFileSync(page, 'utf8'), page, manifest.repository.url, version);

rmSync(stage, { recursive: true, force: true });
mkdirSync(join(stage, 'node_modules'), { recursive: true });
for (const name of ['lib', 'LICENSE', 'CHANGELOG.md', '.npmignore']) cpSync(name, join(stage, name), { recursive: true });
// the compiler of a user reads no other declarations, and they would be a tenth of the package
const declarations = publicTypes(join(stage, 'lib/index.d.ts'));
for (const file of readdirSync(join(stage, 'lib'), { recursive: true, encoding: 'utf8' }).map(name => join(stage, 'lib', name))) {
  if (file.endsWith('.d.ts') && !declarations.has(file)) rmSync(file);
}
// npm bundles what is in the package's own node_modules. Hard links keep the copies cheap
for (const name of [...manifest.bundledDependencies, 'cdk8s-plus-27']) {
  execFileSync('cp', ['-al', join('node_modules', name), join(stage, 'node_modules', name)]);
}
writeFileSync(join(stage, 'README.md'), readme);
writeFileSync(join(stage, 'package.json'), JSON.stringify({ ...manifest, version }, undefined, 2));
writeFileSync(join(stage, '.jsii'), JSON.stringify({ ...json('.jsii'), version, readme: { markdown: readme } }, undefined, 2));
