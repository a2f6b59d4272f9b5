#!/usr/bin/env bash
# Writes FOLDER/keepalived.spdx.json, the bill of materials of the image that build.sh has built there. Needs Python 3.11 and PyPI.
# https://github.com/siemens/debsbom
#
#   sbom.sh FOLDER
set -euo pipefail
folder=$(cd "${1:?usage: sbom.sh FOLDER}" && pwd)
requirements=$(cd "$(dirname "$0")" && pwd)/sbom-requirements.txt
cd "$folder"
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
# the same packages give the same bytes: debsbom writes sets of Python, whose order depends on the seed
read -r _ date <packages.txt
PYTHONHASHSEED=0 "$environment/bin/debsbom" generate --sbom-type spdx --root layer.tar --distro-name keepalived \
  --distro-arch "$(sed 's/.*"architecture":"\([^"]*\)".*/\1/' config.json)" --timestamp "$date" \
  --spdx-namespace "https://spdx.org/spdxdocs/keepalived-$(cut -d: -f2 digest)" --out keepalived
