#!/usr/bin/env bash
# Installs the Python wheel in its own environment. Checks that it synthesizes and finds the engines' shell and Perl programs.
# Needs dist/python (npx projen package:python).
set -euo pipefail
cd "$(dirname "$0")/.."
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT

python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check dist/python/*.whl
"$environment/bin/python" scripts/check-wheel.py
