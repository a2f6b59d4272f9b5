#!/bin/bash
# Fills a containerd store: imports an archive from standard input. Runs in mount, pid and network namespaces of its own.
#
#   store.sh STORE-FOLDER <ARCHIVE
set -euo pipefail
store=$1
mount -t tmpfs tmpfs /run
ip link set lo up
cat >/run/config.toml <<C
version = 2
root = "$store"
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/opt"
C
containerd -c /run/config.toml >/run/containerd.log 2>&1 &
daemon=$!
for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break; sleep .1; done
ctr -n k8s.io images import --snapshotter overlayfs - >&2 || { tail -5 /run/containerd.log >&2; exit 1; }
# containerd's part for kubelets labels each image and gives it a second name: let it finish
for _ in $(seq 100); do ctr -n k8s.io images ls | tail -n +2 | grep -qv 'io.cri-containerd.image=managed' || break; sleep .1; done
kill $daemon; wait $daemon || true
