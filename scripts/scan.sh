#!/usr/bin/env bash
# Scans the YAML of examples and templates with kube-score, checkov and yamllint. Fails on a finding that scripts/scan-waivers.yaml
# does not waive, and on a waiver without a finding. Installs the tools into a cache: that needs go and python3, and takes some minutes.
#
#   npm run scan                scan
#   npm run scan -- --all       list waived findings too
set -euo pipefail
cd "$(dirname "$0")/.."

KUBE_SCORE=github.com/zegl/kube-score/cmd/kube-score@v1.20.0
REQUIREMENTS=$PWD/scripts/scan-requirements.txt   # checkov and yamllint, with all that they need
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-istio-edge/scan

case ${1:-} in
  '' | --all) ;;
  --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
  *) echo "unknown option $1; see npm run scan -- --help" >&2; exit 2 ;;
esac

if [ "$(cat "$CACHE/installed" 2>/dev/null)" != "$KUBE_SCORE $(sha256sum <"$REQUIREMENTS")" ]; then
  echo "scan: installing kube-score, checkov and yamllint into $CACHE" >&2
  rm -rf "$CACHE"; mkdir -p "$CACHE"
  (cd "$CACHE" && GOBIN=$CACHE go install "$KUBE_SCORE")
  python3 -m venv "$CACHE/venv"
  "$CACHE/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$REQUIREMENTS"
  echo "$KUBE_SCORE $(sha256sum <"$REQUIREMENTS")" >"$CACHE/installed"
fi

scripts/ensure-installed.sh
PATH=$CACHE:$CACHE/venv/bin:$PATH exec npx ts-node -T scripts/scan.ts "$@"
