#!/usr/bin/env bash
# Runs the lab's command line. Only scenarios need the current library. `scenarios` needs any compiled library.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/ensure-installed.sh
case "${1:-}" in
  up|down|kubectl|exec|labtool|status|prepare|smoke|screenshot|help|--help|-h) ;;
  scenarios) [ -e lib/index.js ] || npx projen compile ;;
  *) npx projen compile ;;
esac
exec npx ts-node -T lab/main.ts "$@"
