#!/usr/bin/env bash
# Runs benchmarks of the library as it is now. The help needs no new build.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/ensure-installed.sh
case "${1:-}" in
  help|--help|-h) [ -e lib/index.js ] || npx projen compile ;;
  *) npx projen compile ;;
esac
exec npx ts-node -T bench/main.ts "$@"
