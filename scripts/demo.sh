#!/usr/bin/env bash
# Synthesizes examples/ha-edge with the real `cdk8s synth` and prints what it wrote. Works on a fresh clone.
#
#   npm run demo                  the README's example
#   npm run demo -- front-nginx   another one; --help lists them
set -euo pipefail
cd "$(dirname "$0")/.."

example=${1:-ha-edge}
if [ ! -e "examples/$example/main.ts" ]; then
  echo "usage: npm run demo -- [EXAMPLE]      one of: $(cd examples && echo */ | tr -d /)"
  [ "$example" = --help ]; exit
fi

scripts/ensure-installed.sh
if [ ! -e lib/index.js ] || [ -n "$(find src -newer lib/index.js -type f -print -quit)" ]; then
  echo 'compile: src/ → lib/ (a few seconds)'
  log=$(mktemp); npx projen compile >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  rm -f "$log"
fi

echo "synthesize: examples/$example"
(cd "examples/$example" && npx cdk8s synth --check-upgrade=false)
npx ts-node --transpile-only scripts/describe-output.ts "examples/$example"
