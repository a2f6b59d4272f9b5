// the README of a package as its registry shows it: a relative link would lead nowhere there

import { posix } from 'path';

/** The page that is the README of a language's package. */
export const README_OF: { readonly [language: string]: string } = {
  js: 'README.md',
  python: 'docs/python.md',
  java: 'docs/java.md',
  go: 'docs/go.md',
};

/** Makes the relative links of a page absolute: to its repository, at a version. Links within the page stay. */
export function withAbsoluteLinks(markdown: string, page: string, repository: string, version: string): string {
  const base = repository.replace(/\.git$/, '');
  const ref = version === '0.0.0' ? 'main' : `v${version}`;
  const absolute = (target: string) => {
    const view = /\.(png|svg)$/.test(target) ? 'raw' : 'blob';
    return /^(https?:|#)/.test(target) ? target : `${base}/${view}/${ref}/${posix.join(posix.dirname(page), target)}`;
  };
  return markdown
    .replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${absolute(target)})`)
    .replace(/^(\[[^\]]+\]): (\S+)$/gm, (_, name, target) => `${name}: ${absolute(target)}`);
}
