// what crossplane and HAProxy's config-parser read in a configuration: parsers that are not ours
import { askGoProgram } from './go-program';

/** A directive of nginx, as crossplane reads it: without quotes and escapes. */
export interface NginxDirective {
  readonly directive: string;
  readonly args: string[];
  /** Absent: it has no block. An empty block is absent too. */
  readonly block?: NginxDirective[];
}

/** A section of HAProxy, as config-parser reads it: with the quotes that are in the text. */
export interface HaproxySection {
  readonly kind: string;
  readonly name: string;
  readonly known: {
    readonly 'bind'?: { readonly Path: string; readonly Params: HaproxyOption[] | null }[];
    readonly 'acl'?: { readonly Name: string; readonly Criterion: string; readonly Value: string }[];
    readonly 'stick-table'?: { readonly [field: string]: unknown };
    readonly 'use_backend'?: { readonly Name: string; readonly Cond: string; readonly CondTest: string }[];
    readonly 'server'?: { readonly Name: string; readonly Address: string; readonly Params: HaproxyOption[] }[];
    readonly 'server-template'?: { readonly Prefix: string; readonly NumOrRange: string; readonly Fqdn: string; readonly Port: number; readonly Params: HaproxyOption[] }[];
  };
  /** Its other lines, in the parser's own order. */
  readonly lines: string[];
}

export interface HaproxyOption { readonly Name: string; readonly Value?: string }

/** Directives, or sections; or why the parser refuses the text. */
export interface ParserAnswer {
  readonly directives?: NginxDirective[];
  readonly sections?: HaproxySection[];
  readonly error: string;
}

/** Sends all texts to the Go program in test/parsers in one call. */
export function readByParsers(texts: { readonly engine: 'haproxy' | 'nginx'; readonly text: string }[]): ParserAnswer[] {
  return askGoProgram('parsers', texts);
}
