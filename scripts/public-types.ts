// the declaration files that the public ones need

import { existsSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import { preProcessFile } from 'typescript';

/** The entry, and each file of the package that it imports, directly or not. */
export function publicTypes(entry: string): ReadonlySet<string> {
  const found = new Set([entry]);
  // a Set also gives what is added while it is read
  for (const file of found) {
    for (const { fileName } of preProcessFile(readFileSync(file, 'utf8')).importedFiles.filter(one => one.fileName.startsWith('.'))) {
      const path = join(dirname(file), fileName);
      found.add(existsSync(`${path}.d.ts`) ? `${path}.d.ts` : join(path, 'index.d.ts'));
    }
  }
  return found;
}
