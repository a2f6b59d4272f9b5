#!/usr/bin/env bash
# Tries the packed library without a cluster: the README's quick start in an empty folder, and templates/typescript. Needs dist/js (npx projen package:js).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/page-blocks.sh
package=$(ls -t "$PWD"/dist/js/*.tgz | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quietly() { "$@" >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }; }

sources=$(git ls-files src | sed 's#^src/#package/lib/#; s#\.ts$#.js#' | sort)
packed=$(tar -tzf "$package" | grep '^package/lib/' | grep -v '\.d\.ts$' | sort)
[ "$sources" = "$packed" ] || { echo 'lib/ of the package differs from src/:' >&2; diff <(echo "$sources") <(echo "$packed") >&2; exit 1; }

relative=$(tar -xOzf "$package" package/README.md | grep -oE '\]\([^)]+\)' | grep -vE '\((https:|#)' || true)
[ -z "$relative" ] || { echo "the README of the package has relative links: $relative" >&2; exit 1; }

size=$(wc -c <"$package")
[ "$size" -le 300000 ] || { echo "the package has $size bytes, more than 300000: look at what it contains" >&2; exit 1; }

mkdir "$work/readme"
block README.md ts 1 >"$work/readme/main.ts"
block README.md sh 1 | grep -E '^(npm|echo) ' | sed "s#/path/to/clone/dist/js/\*.tgz#$package#" >"$work/readme/install.sh"
block README.md sh 2 | grep -E '^npx cdk8s synth' >"$work/readme/synth.sh"
(
  cd "$work/readme"
  quietly bash -euxo pipefail install.sh
  bash -euxo pipefail synth.sh
  # every declaration of the package is there
  quietly npx tsc --noEmit --skipLibCheck false
  diff dist/edge.k8s.yaml "$page_root/examples/ha-edge/dist/edge.k8s.yaml"
)

cp -r templates/typescript "$work/template"
(cd "$work/template" && quietly npm install --no-audit --no-fund "$package")
scripts/check-template.sh "$work/template" edge.ts npm run check
echo 'the README in an empty folder, and templates/typescript: as committed'
