#!/usr/bin/env bash
# Builds the image of keepalived from Debian packages, without a container engine: the same packages give the same bytes.
# Needs root, mmdebstrap, and Debian's keys (debian-archive-keyring). Builds for the architecture of this machine.
#
#   build.sh FOLDER            the versions of packages.txt, from Debian or from its archive of old versions; amd64
#   build.sh --newest FOLDER   the newest versions of the suite
#
# FOLDER gets keepalived.tar, which skopeo, podman and crane push (OCI layout); digest, by which a manifest can pin the image;
# layer.tar and config.json, which keepalived.tar contains; and packages.txt, the versions that are in the image.
set -euo pipefail
umask 022
here=$(cd "$(dirname "$0")" && pwd)
pins=$here/packages.txt

newest=
[ "${1:-}" != --newest ] || { newest=yes; shift; }
[ $# = 1 ] || { echo 'usage: build.sh [--newest] FOLDER' >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo 'run as root: mmdebstrap unpacks packages with their owners' >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo 'mmdebstrap is needed: apt-get install mmdebstrap' >&2; exit 1; }
mkdir -p "$1"
out=$(cd "$1" && pwd)

# What the scripts in keepalived's container and in the hand-over's need. BusyBox is their shell, and wget starts faster than curl.
WANTED='base-files busybox iproute2 iputils-ping keepalived nftables'
# first line: suite, and date of its package lists
read -r suite date <"$pins"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

# usage: unpack MIRROR PACKAGE...
# Unpacks packages and what they depend on, and runs none of their scripts. The hook writes dpkg's database, which scanners read.
unpack() {
  local mirror=$1 packages; shift
  packages=$(IFS=,; echo "$*")
  # a mirror may serve package lists after their expiry, and the archive always does
  mmdebstrap --quiet --mode=root --variant=extract --include="$packages" --extract-hook="$here/installed.sh \"\$1\"" \
    --aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    "$suite" "$root" "$mirror" >&2
}

# Old versions are in Debian's archive, under the time of their import: some hours after the lists.
archive_of() { date -u -d "$1 + 5 hours" '+http://snapshot.debian.org/archive/debian/%Y%m%dT%H%M%SZ'; }

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
if [ -n "$newest" ]; then
  # shellcheck disable=SC2086  # a list of words
  unpack "$mirror" $WANTED
  date=$(cat "$root/date-of-lists")
else
  # shellcheck disable=SC2046  # a list of words
  set -- $(tail -n +2 "$pins")
  unpack "$mirror" "$@" || { find "$root" -mindepth 1 -delete; unpack "$(archive_of "$date")" "$@"; } || {
    echo "a package of $pins cannot be had; try --newest, and keep the packages.txt that it writes" >&2; exit 3; }
fi
{ echo "$suite $date"; cat "$root/packages"; } >"$out/packages.txt"
rm "$root/packages" "$root/date-of-lists"
[ -n "$newest" ] || diff "$pins" "$out/packages.txt" >&2 || { echo "the packages are not those of $pins" >&2; exit 1; }

# Documentation, and what only perl, systemd or a person at a terminal reads. keepalived's SNMP library links libperl, which stays.
# Licences stay too.
cd "$root"
find usr/share/doc -type f ! -name copyright -delete
rm -rf usr/share/{bash-completion,bug,debconf,doc-base,info,lintian,locale,man,misc,perl*,pixmaps,snmp,zsh} \
  usr/lib/*-linux-gnu*/{gconv,ossl-modules,perl*} usr/lib/{systemd,init,tmpfiles.d,sysusers.d} usr/bin/{*perl*,deb*,*pod*} \
  usr/share/perl* var/cache var/log var/lib/apt etc/apt etc/{hostname,resolv.conf,fstab,init.d,debconf.conf,dpkg,cron.daily} boot home media mnt opt srv
mkdir -p run tmp

# keepalived and BusyBox look users up
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
# BusyBox has every command that no package has
for applet in $(chroot . /usr/bin/busybox --list); do
  [ -e "usr/bin/$applet" ] || [ -e "usr/sbin/$applet" ] || ln -s busybox "usr/bin/$applet"
done
# no program may give a user more rights
find . -xdev -perm /6000 -type f -exec chmod u-s,g-s {} +

tar --sort=name --format=gnu --mtime="$date" --owner=0 --group=0 --numeric-owner --exclude='./dev/*' --exclude='./proc/*' \
  --exclude='./sys/*' -cf "$out/layer.tar" .
cd "$out"
"$here/oci-archive.sh" layer.tar "$date" "$(sed -n 's/^keepalived=//p' packages.txt)"
