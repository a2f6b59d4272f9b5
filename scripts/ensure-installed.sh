#!/usr/bin/env bash
# Installs the pinned node packages when they are missing or the lock file is newer; with --engines also the engines.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=node_modules/.package-lock.json
if [ ! -e $stamp ] || [ package-lock.json -nt $stamp ]; then
  echo 'packages: npm ci (half a minute to a minute)' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch $stamp
fi

if [ "${1:-}" = --engines ]; then
  scripts/install-engines.sh || [ $? = 3 ]   # 3: some are missing; their tests say so, by name
fi
