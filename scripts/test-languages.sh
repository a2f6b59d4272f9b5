#!/usr/bin/env bash
# Runs the program of docs/python.md, docs/java.md and docs/go.md with the packed library, and compares what it writes with examples/ha-edge,
# which is what the README's program in TypeScript writes. Needs the packages: npx projen package-all. usage: test-languages.sh [LANGUAGE…]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/page-blocks.sh
clone=$PWD
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

limit() { timeout --kill-after=10 "$@" >"$work/log" 2>&1 || { tail -40 "$work/log" >&2; exit 1; }; }

python() {
  block docs/python.md python 1 >main.py
  block docs/python.md sh 1 | sed "s#/path/to/clone#$clone#" >install.sh
  limit 300 bash -eux install.sh
  limit 60 .venv/bin/python main.py
}

java() {
  mkdir -p src/main/java
  block docs/java.md xml 1 | sed "s#/path/to/clone#$clone#" >pom.xml
  block docs/java.md java 1 >src/main/java/Main.java
  # packages of this version change with each build, and Maven would keep the first one
  rm -rf ~/.m2/repository/io/github/cdk8s-istio-edge/cdk8s-istio-edge/0.0.0
  limit 300 $(block docs/java.md sh 1 | grep '^mvn ')
}

go() {
  block docs/go.md go 1 >main.go
  block docs/go.md sh 1 | grep '^go ' | sed "s#/path/to/clone#$clone#" >run.sh
  limit 300 bash -eux run.sh
}

[ $# -gt 0 ] || set -- python java go
for language; do
  started=$SECONDS
  mkdir "$work/$language"
  (cd "$work/$language" && "$language")
  diff "$work/$language/dist/edge.k8s.yaml" examples/ha-edge/dist/edge.k8s.yaml
  printf '%s: the same bytes as TypeScript, in %s s\n' "$language" $((SECONDS - started))
done
