#!/usr/bin/env node
// the command: arguments, output, exit code
import { CHECKS } from './checks';
import { KubectlFailed } from './cluster/kubectl';
import { diagnose } from './doctor';
import { UnreadableManifests } from './edge/read';
import { Interrupted } from './nodes/probe-nodes';
import { HELP, parseOptions, UsageError } from './options';
import { exitCodeOf, jsonOf, textOf } from './report';

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.listChecks) {
    process.stdout.write(CHECKS.map(({ code, severity, finds }) => `${code}\t${severity}\t${finds}\n`).join(''));
    return 0;
  }
  const report = await diagnose(options, line => process.stderr.write(`doctor: ${line}\n`));
  const exitCode = exitCodeOf(report, options.strict);
  process.stdout.write(options.output === 'json' ? jsonOf(report, exitCode) : `\n${textOf(report)}`);
  return exitCode;
}

main(process.argv.slice(2)).then(exitCode => {
  process.exitCode = exitCode;
}, (error: Error) => {
  const expected = [UsageError, UnreadableManifests, KubectlFailed, Interrupted].some(kind => error instanceof kind);
  process.stderr.write(`doctor: ${expected ? error.message : error.stack}\n${error instanceof UsageError ? 'See --help.\n' : ''}`);
  // as shells say after Ctrl-C
  process.exitCode = error instanceof Interrupted ? 130 : 2;
});
