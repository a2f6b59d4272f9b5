#!/usr/bin/env bash
# Runs tests of real engines, and writes jest's report. Four files run at once, because they wait most of the time.
# These tests measure times of real processes, and a busy machine can make one late. At most three files that fail run a second time,
# one after the other; the output and the report name them.
#
#   scripts/engine-tests.sh REPORT JEST_ARGUMENT...
set -uo pipefail
cd "$(dirname "$0")/.."
report=$1; shift
mkdir -p "$(dirname "$report")"

judge() { npx jest --ci --coverage=false --reporters=default --json "$@"; }

judge --outputFile="$report" --maxWorkers=4 "$@" >&2 && exit
mapfile -t failed < <(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).testResults.filter(one => one.status === "failed").map(one => one.name).join("\n")' "$report")
[ "${#failed[@]}" -gt 0 ] && [ "${#failed[@]}" -le 3 ] || exit 1
printf 'SECOND TRY, alone: %s\n' "${failed[@]#"$PWD/"}" >&2
judge --outputFile="$report.again" --runInBand --runTestsByPath "${failed[@]}" >&2
status=$?
node -e '
  const [report, again] = process.argv.slice(1, 3).map(file => JSON.parse(fs.readFileSync(file)));
  const results = report.testResults.map(one => again.testResults.find(({ name }) => name === one.name) ?? one);
  const tests = results.flatMap(one => one.assertionResults);
  const count = status => tests.filter(test => test.status === status).length;
  fs.writeFileSync(process.argv[1], JSON.stringify({
    ...report, testResults: results, secondTry: again.testResults.map(({ name }) => name),
    numPassedTests: count("passed"), numFailedTests: count("failed"), numPendingTests: count("pending"),
    numRuntimeErrorTestSuites: results.filter(one => one.status === "failed" && one.assertionResults.length === 0).length,
  }));
' "$report" "$report.again"
exit $status
