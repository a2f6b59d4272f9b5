#!/usr/bin/env bash
# Makes an image of one layer, as a tar file with an OCI layout, in the current folder.
# https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
#
#   oci-archive.sh LAYER.tar CREATED VERSION
set -euo pipefail
layer=$1 created=$2 version=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blobs=$work/blobs/sha256
mkdir -p "$blobs"

# usage: digest_of FILE
digest_of() { sha256sum "$1" | cut -d' ' -f1; }

# usage: add FILE; prints "digest size" of a file that becomes a blob
add() {
  local digest; digest=$(digest_of "$1")
  cp "$1" "$blobs/$digest"
  echo "$digest $(stat -c %s "$1")"
}

architecture=$(dpkg --print-architecture)
# root: keepalived and the hand-over change addresses and rules, and start without those rights only if the pod has no capability for them.
# There is no health check here: Kubernetes ignores it, and the library's probes know the configuration.
cat >config.json <<JSON
{"created":"$created","architecture":"$architecture","os":"linux","config":{"Env":["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],"Entrypoint":["keepalived","--dont-fork","--log-console"],"Labels":{"org.opencontainers.image.title":"keepalived","org.opencontainers.image.version":"$version","org.opencontainers.image.created":"$created"}},"rootfs":{"type":"layers","diff_ids":["sha256:$(digest_of "$layer")"]},"history":[{"created":"$created","created_by":"images/keepalived/build.sh"}]}
JSON
gzip -9 --no-name --stdout "$layer" >"$work/layer.tar.gz"
read -r config config_size < <(add config.json)
read -r layer layer_size < <(add "$work/layer.tar.gz")
cat >"$work/manifest.json" <<JSON
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$config_size},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:$layer","size":$layer_size}]}
JSON
read -r manifest manifest_size < <(add "$work/manifest.json")
cat >"$work/index.json" <<JSON
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:$manifest","size":$manifest_size,"annotations":{"org.opencontainers.image.ref.name":"${version#*:}"},"platform":{"architecture":"$architecture","os":"linux"}}]}
JSON
echo '{"imageLayoutVersion":"1.0.0"}' >"$work/oci-layout"
tar -C "$work" --sort=name --format=gnu --mtime="$created" --owner=0 --group=0 --numeric-owner -cf keepalived.tar blobs index.json oci-layout
echo "sha256:$manifest" >digest
