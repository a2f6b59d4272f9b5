// reads the engines' shell and Perl programs for the ConfigMap; no other module of the engines reads a file
import { readFileSync } from 'fs';
import { join } from 'path';

/**
 * A file of the ConfigMap. It is mounted below /etc and is not executable there: the command line names its
 * interpreter.
 */
export interface Script {
  readonly file: string;
  readonly text: string;
}

/** Reads a file in the folder of its engine. The compile task copies it from src/ to lib/. */
export function readScript(engine: string, file: string): Script {
  return { file, text: readFileSync(join(__dirname, engine, file), 'utf8') };
}
