#!/usr/bin/env bash
# Runs every test, the linter and the type checker; needs a compiled library.
# Unit tests and the linter use the CPU time that is left. They run with `nice`, so that the engines keep their time limits.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p test-reports
log=test-reports/engines.log

scripts/engine-tests.sh test-reports/engines.json '\.engine\.test' >$log 2>&1 &
engines=$!
status=0
nice -n 19 npx jest --ci --json --outputFile=test-reports/unit.json --testPathIgnorePatterns '\.engine\.test' || status=1
nice -n 19 npx projen eslint || status=1
# jest compiles each test separately, without type checks; `test` and `scripts` include what they import
for folder in test examples scripts lab bench; do nice -n 19 npx tsc --noEmit -p $folder || status=1; done
wait $engines || status=1
cat $log
exit $status
