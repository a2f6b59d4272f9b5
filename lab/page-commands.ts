// commands in pages of the documentation, with the output that the page shows; the scenarios `operate` and `pages` run them

/** Mark of a block whose output may be another one: it must succeed, and each label in it must select something. */
export const SUCCEEDS = 'succeeds';

/** A block of commands that has a mark, such as `<!-- lab -->` or `<!-- lab: holder -->`, and the output below it. */
export interface PageBlock {
  /** Line of the page. */
  readonly line: number;
  /** The words of the mark: where to run it, or what it needs. */
  readonly marks: string[];
  readonly commands: string;
  /** Lines that the output must have, in any order. `…` stands for any text. */
  readonly expected: string[];
}

const BLOCK = /^<!-- lab(?:: ([a-z0-9 -]+))? -->\n```sh\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?/gms;
const MARK = /^<!-- lab/gm;

/** The marked blocks of a page. Throws if a mark has no commands, or no output and not the word `succeeds`. */
export function blocksOf(text: string): PageBlock[] {
  const blocks = [...text.matchAll(BLOCK)].map(({ index, 1: words = '', 2: commands, 3: output = '' }) => {
    const marks = words.split(' ').filter(word => word);
    const expected = marks.includes(SUCCEEDS) ? [] : output.split('\n').filter(line => line);
    return { line: text.slice(0, index).split('\n').length, marks, commands, expected };
  }).filter(({ marks, expected }) => marks.includes(SUCCEEDS) || expected.length > 0);
  const count = text.match(MARK)?.length ?? 0;
  if (count !== blocks.length) throw new Error(`${count} marks, but ${blocks.length} blocks with commands and their output`);
  return blocks;
}

/** The expected lines that an output does not have. Nodes may have each other's numbers, and spaces do not count. */
export function missingLines({ expected }: PageBlock, output: string): string[] {
  const lines = output.split('\n').map(line => plain(line));
  return expected.filter(line => !lines.some(one => patternOf(line).test(one)));
}

function patternOf(line: string): RegExp {
  const parts = plain(line).split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

function plain(line: string): string {
  return line.trim().replace(/\s+/g, ' ').replace(/\bedge-\d\b/g, 'edge-N');
}
