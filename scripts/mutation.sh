#!/usr/bin/env bash
# Mutation tests: changes src/ in thousands of small ways, and counts how many of them a unit test notices (test/mutation/README.md).
# Works in a copy outside the tree. Needs a compiled library. Tries again only what changed since the last run.
#
#   scripts/mutation.sh [FOLDER_OF_SRC...] [STRYKER_OPTION...]
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
cache=${MUTATION_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-istio-edge/mutation}
tools=(@stryker-mutator/core@9.6.1 @stryker-mutator/mocha-runner@9.6.1 mocha@11.8.0)
commit=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain -- src test ':!test/mutation/results.*')" ] || commit+=-dirty

folders=()
while [[ ${1:--} != -* ]]; do
  folders+=("$1")
  shift
done
[ ${#folders[@]} -gt 0 ] || folders=(engines validation nodes workload gateway front vip mesh-edge fleet)

mkdir -p "$cache"
[ -x "$cache/node_modules/.bin/stryker" ] || npm install --prefix "$cache" --no-audit --no-fund --loglevel=error "${tools[@]}" >&2

for folder in "${folders[@]}"; do
  rm -rf "$cache/tree"
  mkdir "$cache/tree"
  git ls-files --cached --others --exclude-standard -- src test sandbox scripts package.json tsconfig.json |
    tar --create --files-from=- | tar --extract --directory "$cache/tree"
  cp .jsii "$cache/tree/"
  ln -s "$root/node_modules" "$cache/tree/node_modules"

  # the tests are compiled before Stryker starts too, which then sees the changed ones
  (cd "$cache/tree" && node test/mutation/build.cjs && MUTATION_FOLDER=$folder "$cache/node_modules/.bin/stryker" run "$@" test/mutation/stryker.config.mjs)
  npx ts-node -T test/mutation/keep.ts "$cache/mutation.json" "$commit"
done
