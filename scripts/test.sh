#!/usr/bin/env bash
# The test command: installs what is missing, then compiles (jsii, README snippets), lints, and runs every test.
# Never rewrites a snapshot or a golden file. Arguments go to jest, which then runs alone: npm test -- front
set -euo pipefail
cd "$(dirname "$0")/.."

begin() { stage=$1; started=$SECONDS; printf '\n== %s\n' "$stage"; }
end() { printf '== %s: %s s\n' "$stage" $((SECONDS - started)); }

begin 'install what is missing'; scripts/ensure-installed.sh --engines; end
if [ $# -gt 0 ]; then
  exec npx jest --ci --coverage=false "$@"
fi
begin 'compile, API.md, README snippets'; npx projen compile; npx projen post-compile; end
begin 'tests and lint'; npx projen test; end
