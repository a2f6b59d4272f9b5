#!/usr/bin/env bash
# Installs the Python wheel in its own environment. Checks that it synthesizes, finds the engines' shell and Perl programs, runs the README's program
# as jsii translates it for Construct Hub, and serves templates/python. Needs dist/python (npx projen package:python).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/page-blocks.sh
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT

python3 -m venv "$environment"
export PATH=$environment/bin:$PATH
pip install --quiet --disable-pip-version-check dist/python/*.whl -r templates/python/requirements-dev.txt
python scripts/check-wheel.py

mkdir "$environment/readme"
npx jsii-rosetta markdown README.md --language python 2>/dev/null | awk '/^from cdk8s/ { on = 1 } /^```$/ { on = 0 } on' >"$environment/readme/main.py"
(
  cd "$environment/readme"
  python main.py
  diff dist/edge.k8s.yaml "$page_root/examples/ha-edge/dist/edge.k8s.yaml"
)

cp -r templates/python "$environment/template"
scripts/check-template.sh "$environment/template" edge.py ./check.sh
echo "the README's program in Python, and templates/python: as committed"
