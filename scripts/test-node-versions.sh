#!/usr/bin/env bash
# Runs the unit tests, and the README's lines with the packed library, under every Node.js that is supported.
# Needs a compiled library and dist/js (npx projen compile; npx projen package:js). Each Node.js is kept outside the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
NODE_VERSIONS=(22.23.3 24.21.0)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-istio-edge/node
# the packages that contain the program of npm's package `node`; they need no install script
package=$(node -p '`node-${process.platform}-${process.arch}`')

for version in "${NODE_VERSIONS[@]}"; do
  bin=$cache/$version/node_modules/$package/bin
  [ -x "$bin/node" ] || npm install --prefix "$cache/$version" --no-audit --no-fund --loglevel=error "$package@$version" >&2
  (
    export PATH=$bin:$PATH
    printf '== Node.js %s\n' "$(node --version)"
    npx jest --ci --coverage=false --testPathIgnorePatterns '\.engine\.test' test/lab
    scripts/check-package.sh
  )
done
