#!/usr/bin/env bash
# Runs the doctor of this tree: npm run doctor -- examples/ha-edge/dist
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/ensure-installed.sh
exec node -r ts-node/register/transpile-only packages/doctor/src/main.ts "$@"
