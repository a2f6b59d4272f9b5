#!/usr/bin/env bash
# The Python wheel in an environment of its own: it synthesizes, and finds the shell and Perl programs of the engines.
# Needs dist/python (npx projen package:python).
set -euo pipefail
cd "$(dirname "$0")/.."
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT

python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check dist/python/*.whl
"$environment/bin/python" scripts/check-wheel.py
