// Stryker's options. ../../scripts/mutation.sh runs it in a copy of the tree; README.md says what is changed and what counts
export default {
  mutate: [
    'src/engines/**/*.ts', 'src/validation/**/*.ts',
    // tables of texts and of types
    '!src/validation/codes.ts', '!src/validation/type-table.ts',
    // their tests ask Kubernetes' parser for thousands of texts: seconds for each mutant
    '!src/validation/texts.ts', '!src/engines/envoy/yaml.ts',
  ],
  plugins: ['@stryker-mutator/mocha-runner', './test/mutation/error-texts.mjs'],
  ignorers: ['error-texts'],
  testRunner: 'mocha',
  mochaOptions: {
    require: ['./test/mutation/jest-interface.cjs'],
    spec: ['test/{engines,validation}/**/*.test.js'],
    ignore: [
      '**/*.engine.test.js', 'test/engines/golden.test.js', 'test/engines/envoy/yaml.test.js',
      'test/validation/texts.test.js', 'test/validation/any-shape.test.js', 'test/validation/codes.test.js',
    ],
  },
  coverageAnalysis: 'perTest',
  // such a mutant needs a new process, which loads all tests
  ignoreStatic: true,
  // a busy machine is not an endless loop, for which Stryker has a counter
  timeoutMS: 120_000,
  dryRunTimeoutMinutes: 30,
  // the script has made the copy
  inPlace: true,
  // a test reads a source, to which Stryker would add a line; tsc checks nothing here
  disableTypeChecks: false,
  buildCommand: 'node_modules/.bin/tsc -p test/mutation/tsconfig.build.json',
  incremental: true,
  incrementalFile: '../incremental.json',
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: '../mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false, reportScoreTable: true },
  tempDirName: '../tmp',
  cleanTempDir: 'always',
  allowConsoleColors: false,
};
