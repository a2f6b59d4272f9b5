#!/usr/bin/env bash
# Packs the compiled library for one language into dist/, and beside npm's its bill of materials (CycloneDX).
# Each package has the README of its language. usage: package.sh js|python|java|go
# RELEASE_VERSION is the version; without it, it is 0.0.0.
set -euo pipefail
cd "$(dirname "$0")/.."
language=$1
stage=dist/stage/$language
trap 'rm -rf "$stage"' EXIT

npx ts-node -T scripts/stage-package.ts "$language" "$stage"
rm -rf "dist/$language"
if [ "$language" = java ] || [ "$language" = go ]; then
  scripts/cdk8s-plus-bindings.sh "$language"
  mkdir -p "$stage/node_modules/cdk8s-plus-27/dist"
  # jsii-pacmak looks there for a dependency that no registry has
  cp -a "dist/bindings/$language" "$stage/node_modules/cdk8s-plus-27/dist/$language"
fi
npx jsii-pacmak --target "$language" --outdir "$PWD/dist" "$stage"
[ "$language" != js ] || npx ts-node -T scripts/write-sbom.ts dist/js/sbom.cdx.json
ls "dist/$language"
