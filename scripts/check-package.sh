#!/usr/bin/env bash
# Runs the README's quick start without a cluster: installs the packed library in an empty folder, and runs the README's lines there.
set -euo pipefail
cd "$(dirname "$0")/.."
package=$(ls -t "$PWD"/dist/js/*.tgz | head -1)
app=$(mktemp -d)
sources=$(git ls-files src | sed 's#^src/#package/lib/#; s#\.ts$#.js#' | sort)
packed=$(tar -tzf "$package" | grep '^package/lib/' | grep -v '\.d\.ts$' | sort)
[ "$sources" = "$packed" ] || { echo 'lib/ of the package differs from src/:' >&2; diff <(echo "$sources") <(echo "$packed") >&2; exit 1; }
trap 'rm -rf "$app"' EXIT

# the n-th block of a language
section() { awk -v fence="\`\`\`$1" -v wanted="$2" '$0 == fence { n++; if (n == wanted) { on = 1; next } } /^```$/ { on = 0 } on' README.md; }

section ts 1 >"$app/main.ts"
section sh 1 | grep -E '^(npm|echo) ' | sed "s#/path/to/clone/dist/js/\*.tgz#$package#" >"$app/install.sh"
section sh 2 | grep -E '^npx cdk8s synth' >"$app/synth.sh"
cd "$app"
bash -euxo pipefail install.sh >install.log 2>&1 || { tail -20 install.log >&2; exit 1; }
bash -euxo pipefail synth.sh
grep -c '^kind:' dist/edge.k8s.yaml
