#!/usr/bin/env bash
# Pins the default images: asks their registries for the digest of each tag, and writes `name:tag@sha256:…` into src/ and docs/versions.md.
# If one digest cannot be resolved, it says which, writes nothing, and exits with 1. Needs go, which runs crane.
#
#   scripts/pin-images.sh                    ask each image's own registry
#   scripts/pin-images.sh --from REGISTRY    ask a registry that mirrors them: host, port and path, as in `imageRegistry`
set -euo pipefail
cd "$(dirname "$0")/.."

CRANE=github.com/google/go-containerregistry/cmd/crane@v0.20.6
from=
case ${1:-} in
  '') ;;
  --from) from=${2:?--from needs a registry}/ ;;
  --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
  *) echo "unknown option $1; see scripts/pin-images.sh --help" >&2; exit 2 ;;
esac

mapfile -t images < <(grep -rhoP "^export const \w+_IMAGE = '\K[^']+" src | sort -u)
declare -A digests
failed=0
for image in "${images[@]}"; do
  tagged=${image%@*}
  asked=${from:+$from${tagged#*/}}; asked=${asked:-$tagged}
  if digest=$(cd / && go run "$CRANE" digest "$asked" 2>&1) && [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
    digests[$image]=$digest
    echo "$asked  $digest"
  else
    failed=$((failed + 1))
    echo "FAILED  $asked: no digest: $(grep -m1 '^Error' <<<"$digest")" >&2
  fi
done
if [ $failed -gt 0 ]; then
  echo "$failed of ${#images[@]} images have no digest, so nothing is written. Can this machine reach their registries? Otherwise use --from" >&2
  exit 1
fi

mapfile -t files < <(grep -rlE "^export const \w+_IMAGE = '" src; echo docs/versions.md)
for image in "${images[@]}"; do
  sed -i "s#\(['\`]\)$image\(['\`]\)#\1${image%@*}@${digests[$image]}\2#" "${files[@]}"
done
echo 'written. Now run npx projen compile, then npm run test:update, and look at the diff'
