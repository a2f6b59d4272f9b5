// Stryker's options for one folder of src/, MUTATION_FOLDER. ../../scripts/mutation.sh runs it in a copy of the tree;
// README.md says what is changed and what counts
import { readdirSync } from 'node:fs';
// the script compiles it first
import { isChanged } from './sources.js';

const folder = process.env.MUTATION_FOLDER;
const files = readdirSync(`src/${folder}`, { recursive: true }).map(name => `src/${folder}/${name}`);

export default {
  mutate: files.filter(isChanged),
  plugins: ['@stryker-mutator/mocha-runner', './test/mutation/error-texts.mjs'],
  ignorers: ['error-texts'],
  testRunner: 'mocha',
  mochaOptions: {
    require: ['./test/mutation/jest-interface.cjs'],
    // a folder has tests of its own. With those of the folders that use it, each mutant would take seconds
    spec: [`test/${folder}/**/*.test.js`],
    ignore: [
      // of the real engines only nft, which says within milliseconds whether rules fit together
      '**/!(handover-nft).engine.test.js', 'test/engines/golden.test.js', 'test/engines/envoy/yaml.test.js',
      'test/validation/texts.test.js', 'test/validation/any-shape.test.js', 'test/validation/codes.test.js',
      // thousands of random names and texts: seconds for each change
      'test/workload/manifests.test.js', 'test/workload/names.test.js',
      // compares with a file of the lab, which the copy lacks
      'test/gateway/drift.test.js',
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
  // a test reads a source, to which Stryker would add a line; the build checks no types
  disableTypeChecks: false,
  buildCommand: 'node test/mutation/build.cjs',
  incremental: true,
  incrementalFile: `../incremental-${folder}.json`,
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: '../mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false, reportScoreTable: true },
  tempDirName: '../tmp',
  cleanTempDir: 'always',
  allowConsoleColors: false,
};
