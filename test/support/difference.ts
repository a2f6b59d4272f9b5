// how two objects differ: the leaves that only one of them has

/** Path and value of everything in an object that has no members. */
export function leaves(value: unknown, path: string = ''): string[] {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`))
    : value === undefined ? [] : [`${path} = ${JSON.stringify(value)}`];
}

/** The leaves that one list has more often than the other; empty: they are the same. */
export function difference(found: string[], expected: string[]): string {
  const [unexpected, missing] = [without(found, expected), without(expected, found)];
  return unexpected.length + missing.length === 0 ? ''
    : `found ${unexpected.slice(0, 5).join(', ').slice(0, 1000)} instead of ${missing.slice(0, 5).join(', ').slice(0, 1000)}`;
}

function without(all: string[], others: string[]): string[] {
  const left = new Map<string, number>();
  others.forEach(leaf => left.set(leaf, (left.get(leaf) ?? 0) + 1));
  return all.filter(leaf => {
    const count = left.get(leaf) ?? 0;
    left.set(leaf, count - 1);
    return count <= 0;
  });
}
