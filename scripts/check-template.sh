#!/usr/bin/env bash
# Tries a copy of a template: its check accepts the dist/ of the template, and refuses it after a change of the program.
#
#   scripts/check-template.sh FOLDER PROGRAM CHECK...
set -euo pipefail
cd "$1"
program=$2; shift 2
log=$(mktemp)
trap 'rm -f "$log"' EXIT

git init --quiet
git add dist
git -c user.name=check -c user.email=check@example.com commit --quiet --message='dist/ as it is in the template'
"$@" >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
sed -i 's/eth0/bond0/' "$program"
! "$@" >"$log" 2>&1 || { echo "$PWD: '$*' accepts a stale dist/" >&2; exit 1; }
