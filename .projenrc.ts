import { cdk8s, javascript, JsonFile } from 'projen';

/**
 * The one hand-written build file. `npx projen` turns it into package.json, the tsconfigs, the lint rules and the tasks.
 *
 * Versions: cdk8s, constructs and cdk8s-plus-27 are pinned to the newest ones that every package registry carries
 * (jsii-pacmak writes the installed versions into the Python, Java and Go packages); jsii and TypeScript move together.
 */
const CDK8S_PLUS = '2.9.5';

const project = new cdk8s.ConstructLibraryCdk8s({
  name: 'cdk8s-istio-edge',
  description: 'The front door of an Istio mesh on bare metal: host-network gateways, front proxies and a virtual IP, as cdk8s constructs',
  author: 'cdk8s-istio-edge maintainers',
  authorAddress: 'https://github.com/cdk8s-istio-edge',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk8s-istio-edge/cdk8s-istio-edge.git',
  defaultReleaseBranch: 'main',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk8s-istio-edge maintainers',
  copyrightPeriod: '2026',
  stability: 'experimental',
  keywords: ['cdk8s', 'istio', 'envoy', 'haproxy', 'nginx', 'keepalived', 'vrrp', 'bare-metal', 'ingress', 'gateway', 'kubernetes', 'virtual-ip', 'high-availability'],

  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,
  // Node 20 is past its end of life. Everything still runs with it, and jsii warns
  minNodeVersion: '22.0.0',

  jsiiVersion: '~5.9.0',
  typescriptVersion: '~5.9.0',

  cdk8sVersion: '2.70.7',
  constructsVersion: '10.6.0',
  peerDeps: [`cdk8s-plus-27@^${CDK8S_PLUS}`],
  bundledDeps: ['ipaddr.js@^2.5.0'],
  devDeps: [
    `cdk8s-plus-27@${CDK8S_PLUS}`, 'cdk8s-cli@2.207.60', '@types/node@^20', 'ajv@^8.20.0', 'fast-check@^4.10.2', 'ts-node@^10.9.2', 'yaml@^2.9.1',
  ],

  // no GitHub workflows: `.ci/run` builds the repository
  github: false,
  release: false,
  depsUpgrade: false,
  sampleCode: false,

  // projen's default rewrites snapshots and passes an empty test folder
  jestOptions: {
    jestVersion: '^30',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    jestConfig: {
      testEnvironment: 'node',
      moduleNameMapper: { '^cdk8s-istio-edge$': '<rootDir>/src/index.ts' },
      testTimeout: 60_000,
      // by default jest leaves one core idle
      maxWorkers: '100%',
      // files with types only have no code to run
      collectCoverageFrom: [
        'src/**/*.ts', '!src/**/*model.ts', '!src/engines/container-process.ts', '!src/gateway/@(gateway|host-gateway|pod-gateway)-options.ts',
        '!src/mesh-edge/@(expose-options|mesh-edge-props).ts', '!src/nodes/host-listener.ts', '!src/vip/keepalived-vip-props.ts',
      ],
      coverageReporters: ['text-summary', 'lcov'],
      coverageThreshold: { branches: 95, functions: 97, lines: 97, statements: 97 },
    },
  },
  eslintOptions: { dirs: ['src', 'packages/doctor/src'], devdirs: ['test', 'sandbox', 'examples', 'scripts', 'lab', 'bench'], commandOptions: { fix: false } },
  npmIgnoreOptions: {
    ignorePatterns: ['/packages/', '/examples/', '/scripts/', '/lab/', '/bench/', '/templates/', '/sandbox/', '/images/', '/docs/', '/.ci/', '/ARCHITECTURE.md', '/CONTRIBUTING.md', '/SECURITY.md', '/llms.txt', '/API.md', '/.gitattributes'],
  },

  publishToPypi: { distName: 'cdk8s-istio-edge', module: 'cdk8s_istio_edge' },
  publishToMaven: {
    javaPackage: 'io.github.cdk8sistioedge',
    mavenGroupId: 'io.github.cdk8s-istio-edge',
    mavenArtifactId: 'cdk8s-istio-edge',
  },
  publishToGo: { moduleName: 'github.com/cdk8s-istio-edge/cdk8s-istio-edge-go', packageName: 'istioedge' },
});

// 1.13 lacks platform packages on some registries, and `npm ci` then refuses the lock file
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// npm shows from which commit and build a version came
project.package.addField('publishConfig', { access: 'public', provenance: true });

// users can import the package itself and nothing below it; jsii's kernel reads the other two
project.package.addField('exports', {
  '.': { types: './lib/index.d.ts', default: './lib/index.js' },
  './package.json': './package.json',
  './.jsii': './.jsii',
});

// users read lib/*.js; source maps would be more than half of the package
for (const option of ['inlineSourceMap', 'inlineSources']) {
  project.tsconfig?.file.addOverride(`compilerOptions.${option}`, false);
}

// editors, eslint and ts-node look for the nearest tsconfig
for (const folder of ['examples', 'scripts', 'lab', 'bench', 'sandbox']) {
  new javascript.TypescriptConfig(project, {
    fileName: `${folder}/tsconfig.json`,
    extends: javascript.TypescriptConfigExtends.fromPaths(['../tsconfig.json']),
    compilerOptions: { noEmit: true, rootDir: '..' },
    include: ['**/*.ts'],
    exclude: ['node_modules'],
  });
}

// the doctor and the validation plugin are a package of their own, so that the library stays small. It needs nothing that the root does not install
new JsonFile(project, 'packages/doctor/package.json', {
  obj: {
    name: 'cdk8s-istio-edge-doctor',
    version: '0.0.0',
    description: 'Checks the manifests of cdk8s-istio-edge, alone in `cdk8s synth` or against a cluster, and names what would not work',
    license: 'Apache-2.0',
    repository: { type: 'git', url: 'https://github.com/cdk8s-istio-edge/cdk8s-istio-edge.git', directory: 'packages/doctor' },
    main: 'lib/validation/plugin.js',
    bin: { 'cdk8s-istio-edge-doctor': 'lib/main.js' },
    files: ['lib'],
    engines: { node: '>= 22.0.0' },
    scripts: { prepack: 'bash build.sh' },
    dependencies: { yaml: '^2.9.1' },
  },
});
new javascript.TypescriptConfig(project, {
  fileName: 'packages/doctor/tsconfig.json',
  extends: javascript.TypescriptConfigExtends.fromPaths(['../../tsconfig.json']),
  compilerOptions: { rootDir: 'src', outDir: 'lib', declaration: false },
  include: ['src/**/*.ts'],
  exclude: ['node_modules'],
});

// templates are projects of their own; scripts/check-package.sh compiles and runs them
project.eslint?.addIgnorePattern('templates/');

// several properties can share a line
project.eslint?.addRules({ '@stylistic/object-property-newline': ['off'] });

// otherwise the output of a deleted source file would be packed too
project.compileTask.prependExec('node -e "require(\'fs\').rmSync(\'lib\', { recursive: true, force: true })"');

// jsii compiles TypeScript only; synthesis reads the engines' shell and Perl programs, so they are copied
project.compileTask.exec('node -e "require(\'fs\').cpSync(\'src\', \'lib\', { recursive: true, filter: path => !path.endsWith(\'.ts\') })"');

// types are checked at run time too: `compile` writes the table of types, and compiles again if the table changed
project.compileTask.exec('ts-node -T scripts/write-type-table.ts --silence-warnings=reserved-word');

// README snippets must compile, as part of every build and test
project.gitignore.exclude('.jsii.tabl.json', '/bench/.run/', '/packages/doctor/lib/');
project.npmignore?.exclude('.jsii.tabl.json');
project.postCompileTask.exec('jsii-rosetta extract --compile --fail --directory .');

// each package has the README of its language, and Java and Go need bindings that no registry has
for (const language of ['js', 'python', 'java', 'go']) {
  project.tasks.tryFind(`package:${language}`)?.reset(`bash scripts/package.sh ${language}`);
}

project.testTask.reset('bash scripts/run-tests.sh');
project.tasks.tryFind('test:update')?.reset('jest --updateSnapshot --coverage=false', { env: { UPDATE_GOLDEN: '1' } });

// every command works on a fresh clone: it installs what is missing first
project.setScript('test', 'bash scripts/test.sh');
project.setScript('test:update', 'bash scripts/ensure-installed.sh && projen compile && projen test:update');
project.setScript('demo', 'bash scripts/demo.sh');
project.setScript('bench', 'bash scripts/bench.sh');
project.setScript('lab', 'bash scripts/lab.sh');
project.setScript('mutation', 'bash scripts/mutation.sh');
project.setScript('doctor', 'bash scripts/doctor.sh');
project.setScript('release', 'ts-node -T scripts/release.ts');
project.setScript('scan', 'bash scripts/scan.sh');
project.setScript('properties', 'bash scripts/ensure-installed.sh --engines && ts-node -T test/properties/valid-run.ts');
project.setScript('hostile', 'HOSTILE_CASES=${HOSTILE_CASES:-10000} HOSTILE_SEED=${HOSTILE_SEED:-$(date +%s)} jest --ci --coverage=false --runInBand test/properties/hostile');

project.synth();
