// adds Stryker's report to results.json, and writes results.md: a score for each folder, and each mutant that no test noticed
//
//   keep.ts REPORT COMMIT
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { isChanged } from './sources';

interface Mutant {
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
}

interface Report {
  readonly files: { readonly [file: string]: { readonly source: string; readonly mutants: Mutant[] } };
}

/** A mutant that changes nothing that a user could see. */
interface EqualMutant {
  readonly file: string;
  /** The line of the source, without the spaces around it. */
  readonly line: string;
  readonly replacement: string;
  readonly reason: string;
}

interface Survivor {
  /** The line of the source, without the spaces around it. */
  readonly line: string;
  readonly replacement: string;
  /** No test runs this line. */
  readonly uncovered: boolean;
}

/** What the last run of a file found, whole folder or not. */
interface FileResult {
  readonly file: string;
  readonly commit: string;
  readonly noticed: number;
  readonly equal: number;
  readonly survivors: Survivor[];
}

const ROOT = join(__dirname, '..', '..');
const JSON_FILE = join(__dirname, 'results.json');
const equalMutants = JSON.parse(readFileSync(join(__dirname, 'equal-mutants.json'), 'utf8')) as EqualMutant[];

const survives = ({ status }: Mutant) => status === 'Survived' || status === 'NoCoverage';
const isNoticed = ({ status }: Mutant) => status === 'Killed' || status === 'Timeout';

function resultOf([file, { source, mutants }]: [file: string, content: Report['files'][string]], commit: string): FileResult {
  const survivors = mutants.filter(survives).map(mutant => ({
    line: source.split('\n')[mutant.location.start.line - 1].trim(), replacement: mutant.replacement, uncovered: mutant.status === 'NoCoverage',
  }));
  const isEqual = ({ line, replacement }: Survivor) =>
    equalMutants.some(equal => equal.file === file && equal.line === line && equal.replacement === replacement);
  return {
    file,
    commit,
    noticed: mutants.filter(isNoticed).length,
    equal: survivors.filter(isEqual).length,
    survivors: survivors.filter(one => !isEqual(one)),
  };
}

const scoreOf = (noticed: number, survived: number) => `${(100 * noticed / (noticed + survived)).toFixed(1)} %`;
const code = (text: string) => `\`\` ${text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 90)} \`\``;

const counts = (results: FileResult[]) => ({
  noticed: results.reduce((total, { noticed }) => total + noticed, 0),
  equal: results.reduce((total, { equal }) => total + equal, 0),
  survivors: results.flatMap(({ survivors }) => survivors),
});

function rowOf(folder: string, results: FileResult[]): string {
  const { noticed, equal, survivors } = counts(results);
  const commits = [...new Set(results.map(({ commit }) => commit))].join(', ');
  const unrun = survivors.filter(({ uncovered }) => uncovered).length;
  return `| \`${folder}\` | ${scoreOf(noticed, survivors.length)} | ${noticed} | ${survivors.length} | ${unrun} | ${equal} | ${commits} |`;
}

function pageOf(results: FileResult[], missing: string[]): string {
  const folders = [...new Set(results.map(({ file }) => dirname(file)))];
  const { noticed, equal, survivors } = counts(results);
  return [
    '# What the unit tests notice',
    '',
    'Written by `npm run mutation`. Do not edit. [README.md](README.md) says what is changed and what counts.',
    '',
    '| folder | score | noticed | survived | no test runs them | equal | commit |',
    '|---|---|---|---|---|---|---|',
    ...folders.map(folder => rowOf(folder, results.filter(({ file }) => dirname(file) === folder))),
    `| all | **${scoreOf(noticed, survivors.length)}** | ${noticed} | ${survivors.length} | | ${equal} | |`,
    '',
    ...missing.length === 0 ? [] : [`Not run yet: ${missing.length} files in ${[...new Set(missing.map(dirname))].sort().map(code).join(', ')}.`, ''],
    '## Survivors',
    '',
    '| file | line | changed to |',
    '|---|---|---|',
    ...results.flatMap(({ file, survivors: found }) => found.map(({ line, replacement }) => `| \`${file}\` | ${code(line)} | ${code(replacement)} |`)),
    '',
  ].join('\n');
}

const [reportFile, commit] = process.argv.slice(2);
const wanted = (readdirSync(join(ROOT, 'src'), { recursive: true }) as string[]).map(file => `src/${file}`).filter(isChanged);
const fresh = Object.entries((JSON.parse(readFileSync(reportFile, 'utf8')) as Report).files).map(entry => resultOf(entry, commit));
const kept = (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as FileResult[]).filter(({ file }) => !fresh.some(one => one.file === file));
const results = [...kept, ...fresh].filter(({ file }) => wanted.includes(file)).sort((one, other) => one.file.localeCompare(other.file));
writeFileSync(JSON_FILE, `${JSON.stringify(results, undefined, 1)}\n`);
writeFileSync(join(__dirname, 'results.md'), pageOf(results, wanted.filter(file => !results.some(one => one.file === file))));
