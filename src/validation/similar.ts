// finds the name that a user probably meant

/** A shorter name that is part of another is often a coincidence. */
const SHORTEST_PART = 4;

/** The candidate that is most similar to a name, if one is similar enough: `tlsSecretName` for `tlsSecret`. */
export function mostSimilar(name: string, candidates: string[]): string | undefined {
  const similar = candidates
    .map(candidate => ({ candidate, ...similarity(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits, isPart }) => isPart || edits <= Math.ceil(name.length / 4));
  return similar.sort((one, other) => one.edits - other.edits)[0]?.candidate;
}

function similarity(one: string, other: string): { readonly edits: number; readonly isPart: boolean } {
  const isPart = Math.min(one.length, other.length) >= SHORTEST_PART && (one.includes(other) || other.includes(one));
  return { edits: distance(one, other), isPart };
}

/** Levenshtein distance: the number of letters to insert, delete or change. Computes one row of the table at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const above = row;
    row = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = above[column - 1] + (from[line - 1] === to[column - 1] ? 0 : 1);
      row.push(Math.min(changed, above[column] + 1, row[column - 1] + 1));
    }
  }
  return row[to.length];
}
