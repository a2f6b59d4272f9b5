#!/usr/bin/env bash
# Makes the bindings of cdk8s-plus-27 for Java or Go in dist/bindings: Maven Central and the Go proxy do not have them.
# They are kept outside the tree, by version. usage: cdk8s-plus-bindings.sh java|go
set -euo pipefail
cd "$(dirname "$0")/.."
language=$1
version() { node -p "require('./node_modules/$1/package.json').version"; }
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-istio-edge/bindings/cdk8s-plus-27-$(version cdk8s-plus-27)-jsii-pacmak-$(version jsii-pacmak)

if [ ! -d "$cache/$language" ]; then
  mkdir -p "$cache"
  made=$(mktemp -d "$cache/making.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  # the package of Go is built with the library's; to build it twice takes a minute
  [ "$language" = java ] || export JSII_BUILD_GO=0
  npx jsii-pacmak --target "$language" --outdir "$made" node_modules/cdk8s-plus-27
  mv "$made/$language" "$cache/$language"
fi
mkdir -p dist/bindings
rm -rf "dist/bindings/$language"
cp -a "$cache/$language" "dist/bindings/$language"
