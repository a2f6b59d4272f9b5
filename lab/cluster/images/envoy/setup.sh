#!/bin/sh
# runs in the image
set -e
groupadd --system --gid 101 envoy
useradd --system --uid 101 --gid envoy --no-create-home --home-dir /nonexistent --shell /bin/false envoy
mkdir -p /etc/envoy
