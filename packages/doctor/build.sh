#!/usr/bin/env bash
# Compiles the doctor to lib/.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf lib
npx tsc -p .
chmod +x lib/main.js
