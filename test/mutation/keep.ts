// turns Stryker's report into results.md and results.json: a score for each folder, and each mutant that no test noticed
//
//   keep.ts REPORT COMMIT
import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

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
  readonly file: string;
  readonly line: string;
  readonly replacement: string;
  /** No test runs this line. */
  readonly uncovered: boolean;
}

interface Folder {
  readonly folder: string;
  readonly commit: string;
  readonly noticed: number;
  readonly equal: number;
  readonly survivors: Survivor[];
}

const JSON_FILE = join(__dirname, 'results.json');
const equalMutants = JSON.parse(readFileSync(join(__dirname, 'equal-mutants.json'), 'utf8')) as EqualMutant[];

const survives = ({ status }: Mutant) => status === 'Survived' || status === 'NoCoverage';
const isNoticed = ({ status }: Mutant) => status === 'Killed' || status === 'Timeout';

function foldersOf(report: Report, commit: string): Folder[] {
  const folders = new Map<string, Folder>();
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    const folder = file.split('/').slice(0, file.startsWith('src/engines/') && file.split('/').length > 3 ? 3 : 2).join('/');
    const survivors = mutants.filter(survives).map(mutant => ({
      file, line: source.split('\n')[mutant.location.start.line - 1].trim(), replacement: mutant.replacement, uncovered: mutant.status === 'NoCoverage',
    }));
    const isEqual = ({ line, replacement }: Survivor) =>
      equalMutants.some(equal => equal.file === file && equal.line === line && equal.replacement === replacement);
    const before = folders.get(folder) ?? { folder, commit, noticed: 0, equal: 0, survivors: [] };
    folders.set(folder, {
      ...before,
      noticed: before.noticed + mutants.filter(isNoticed).length,
      equal: before.equal + survivors.filter(isEqual).length,
      survivors: [...before.survivors, ...survivors.filter(one => !isEqual(one))],
    });
  }
  return [...folders.values()];
}

const scoreOf = (noticed: number, survived: number) => `${(100 * noticed / (noticed + survived)).toFixed(1)} %`;
const code = (text: string) => `\`\` ${text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 90)} \`\``;

function pageOf(folders: Folder[]): string {
  const sum = (count: (folder: Folder) => number) => folders.reduce((total, folder) => total + count(folder), 0);
  const noticed = sum(folder => folder.noticed);
  const survived = sum(folder => folder.survivors.length);
  return [
    '# What the unit tests notice',
    '',
    'Written by `npm run mutation`. Do not edit. [README.md](README.md) says what is changed and what counts.',
    '',
    '| folder | score | noticed | survived | no test runs them | equal | commit |',
    '|---|---|---|---|---|---|---|',
    ...folders.map(one => `| \`${one.folder}\` | ${scoreOf(one.noticed, one.survivors.length)} | ${one.noticed} | ${one.survivors.length} | ${
      one.survivors.filter(({ uncovered }) => uncovered).length} | ${one.equal} | ${one.commit} |`),
    `| all | **${scoreOf(noticed, survived)}** | ${noticed} | ${survived} | | ${sum(folder => folder.equal)} | |`,
    '',
    '## Survivors',
    '',
    '| file | line | changed to |',
    '|---|---|---|',
    ...folders.flatMap(({ survivors }) => survivors).map(({ file, line, replacement }) => `| \`${file}\` | ${code(line)} | ${code(replacement)} |`),
    '',
  ].join('\n');
}

const [reportFile, commit] = process.argv.slice(2);
const fresh = foldersOf(JSON.parse(readFileSync(reportFile, 'utf8')) as Report, commit);
const kept = (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as Folder[]).filter(({ folder }) => !fresh.some(one => one.folder === folder));
const folders = [...kept, ...fresh].sort((one, other) => one.folder.localeCompare(other.folder));
writeFileSync(JSON_FILE, `${JSON.stringify(folders, undefined, 1)}\n`);
writeFileSync(join(__dirname, 'results.md'), pageOf(folders));
