// reads the flags of the lab's command line

import { parseArgs } from 'node:util';
import { IpFamily } from './cluster/topology';

/** An invalid command line. The lab exits with status 2. */
export class UsageError extends Error {}

const OPTIONS = {
  'edges': { type: 'string' },
  'ip-family': { type: 'string' },
  'profile': { type: 'string' },
  'rounds': { type: 'string' },
  'keep': { type: 'boolean' },
} as const;

export type Flag = keyof typeof OPTIONS;

export interface Flags {
  /** Words that are not flags, such as names of scenarios. */
  readonly names: string[];
  /** Edge nodes: 2 or 3. */
  readonly edges?: number;
  readonly ipFamily?: IpFamily;
  readonly profile?: 'ci' | 'full';
  /** At least 1. */
  readonly rounds?: number;
  readonly keep: boolean;
}

/** Reads flags with `parseArgs`. Throws a `UsageError` for a flag or a value that is not allowed. */
export function readFlags(words: string[], allowed: Flag[], names: 'with names' | 'no names' = 'no names'): Flags {
  const { values, positionals } = parsed(words, allowed, names === 'with names');
  return {
    names: positionals,
    edges: values.edges === undefined ? undefined : Number(oneOf('--edges', values.edges, '2', '3')),
    ipFamily: values['ip-family'] === undefined ? undefined : oneOf('--ip-family', values['ip-family'], 'dual', 'ipv6'),
    profile: values.profile === undefined ? undefined : oneOf('--profile', values.profile, 'ci', 'full'),
    rounds: values.rounds === undefined ? undefined : count('--rounds', values.rounds),
    keep: values.keep ?? false,
  };
}

function parsed(args: string[], allowed: Flag[], allowPositionals: boolean) {
  const options = Object.fromEntries(allowed.map(flag => [flag, OPTIONS[flag]])) as typeof OPTIONS;
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function oneOf<T extends string>(flag: string, value: string, ...allowed: T[]): T {
  const found = allowed.find(one => one === value);
  if (found === undefined) throw new UsageError(`invalid ${flag} ${JSON.stringify(value)}; expected ${allowed.join(' or ')}`);
  return found;
}

function count(flag: string, value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new UsageError(`invalid ${flag} ${JSON.stringify(value)}; expected a whole number from 1 to 9999`);
  return Number(value);
}
