// what must be true before a version is published

/** What the release reads of the clone. */
export interface ReleaseState {
  readonly changelog: string;
  /** Lines of `git status --porcelain`. */
  readonly uncommitted: string[];
  readonly commit: string;
  readonly tags: string[];
  /** What `.ci/run` wrote at its end. */
  readonly verdict?: { readonly commit: string; readonly passed: number; readonly failed: number };
  /** Whether the public API is the accepted one. */
  readonly apiAccepted: boolean;
  readonly author: string;
  readonly repository: string;
  /** The default images. */
  readonly images: string[];
  /** Pages that are a package's README, by name. */
  readonly readmes: { readonly [page: string]: string };
}

const HEADING = /^## (\S+) \((.+)\)$/m;

/** The version of the CHANGELOG's first section. */
export function versionOf(changelog: string): string {
  const version = HEADING.exec(changelog)?.[1] ?? '';
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error('CHANGELOG.md has no section of the form "## 1.2.3 (2026-12-31)"');
  return version;
}

/** Checks, by what each one asks, with what is wrong: an empty text if nothing is. */
export function checksOf(state: ReleaseState): { readonly [check: string]: string } {
  const { changelog, uncommitted, commit, tags, verdict, apiAccepted, author, repository, images, readmes } = state;
  const version = versionOf(changelog);
  const [, , date] = HEADING.exec(changelog)!;
  const unpublished = Object.keys(readmes).filter(page => /not (on \w+( Central)?|published) yet/.test(readmes[page]));
  return {
    'the tree is clean': uncommitted.length === 0 ? '' : `${uncommitted.length} files are not committed`,
    'CHANGELOG.md has the day of the release': /^\d{4}-\d\d-\d\d$/.test(date) ? '' : `${version} is "${date}"; write the day`,
    'the version is new': tags.includes(`v${version}`) ? `the tag v${version} exists` : '',
    '.ci/run passed for this commit': whyNotPassed(commit, verdict),
    'the public API is accepted': apiAccepted ? '' : 'run npx ts-node -T scripts/accept-api.ts, and commit test/api/baseline.json',
    'default images have digests': images.every(image => image.includes('@sha256:')) ? '' : 'run scripts/pin-images.sh where their registries can be reached',
    'author and repository can be published': [author, repository].filter(text => !/^https:\/\/\S+$/.test(text) || /\.example\b/.test(text)).join(', '),
    'no README says that there is no package yet': unpublished.join(', '),
  };
}

function whyNotPassed(commit: string, verdict: ReleaseState['verdict']): string {
  if (!verdict) return 'test-reports/verdict.json is missing; run bash .ci/run';
  if (verdict.commit !== commit) return `it ran for ${verdict.commit.slice(0, 7)}`;
  return verdict.failed === 0 && verdict.passed > 0 ? '' : `${verdict.passed} passed, ${verdict.failed} failed`;
}
