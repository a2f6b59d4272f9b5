#!/bin/sh
# Checks types, tests the manifests, and fails if dist/ is not what the program writes. For CI, in the project's environment.
set -eu
mypy --strict .
python -m unittest
python main.py
test -z "$(git status --porcelain -- dist)"
