#!/usr/bin/env bash
# Compiles the doctor to lib/, with the program that runs on the nodes.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf lib
npx tsc -p .
cp src/nodes/node-probe.pl lib/nodes/
chmod +x lib/main.js
