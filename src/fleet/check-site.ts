// the names that a site may have: valid as a folder on every system, and unique
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';

const FOLDER = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** All problems with one more site. `folders` are in use already; they are in lower case, because some file systems ignore case. */
export function checkSite(name: string, folders: Set<string>): Problem[] {
  const isFolder = FOLDER.test(name);
  return [
    ...checkThat(isFolder, {
      code: 'site-name-invalid',
      what: 'name of a site cannot be a folder name',
      got: name,
      fix: 'expected 1 to 63 letters, digits, dots, dashes and underscores, with a letter or digit first and last',
    }),
    ...checkThat(!isFolder || !folders.has(name.toLowerCase()), {
      code: 'site-twice', what: 'another site has this name (upper and lower case count as the same)', got: name, fix: 'add each site once',
    }),
  ];
}
