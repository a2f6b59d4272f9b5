#!/bin/bash
# Makes one image layer: what packages, files and a script change in a root file system. Runs in a mount namespace of its own.
#
#   layer.sh BASE-ROOT WORK-FOLDER OUT.tar FILES-FOLDER PACKAGE...
set -euo pipefail
base=$1 work=$2 out=$3 files=$4; shift 4
upper=$work/upper root=$work/root
mkdir -p "$upper" "$work/overlay" "$root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$upper,workdir=$work/overlay" "$root"
in_root() { chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
  http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"; }

if [ $# -gt 0 ]; then
  mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"
  # the mirror and its certificates are this machine's
  cat /etc/resolv.conf >"$root/etc/resolv.conf"
  [ ! -d /etc/ssl/certs ] || { mkdir -p "$root/etc/ssl/certs"; mount --bind /etc/ssl/certs "$root/etc/ssl/certs"; }
  install=(apt-get -q -y install --no-install-recommends "$@")
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
  # the lists that came with the base may be too old by now
  in_root "${install[@]}" || { in_root apt-get -q update; in_root "${install[@]}"; }
fi
cp -a "$files/." "$root/"
if [ -e "$root/setup.sh" ]; then in_root ENGINES="${ENGINES:-oldest}" sh /setup.sh; fi
umount -R "$root" 2>/dev/null || umount -R -l "$root"

cd "$upper"
rm -rf setup.sh usr/sbin/policy-rc.d etc/resolv.conf etc/ssl/certs
rm -rf var/lib/apt var/lib/dpkg/*-old var/cache/apt var/cache/ldconfig var/cache/debconf var/log/apt var/log/*.log
# what overlayfs says with a device 0:0, an image layer says with an empty file of another name
find . -type c -print0 | while IFS= read -r -d '' gone; do
  rm "$gone"; : >"$(dirname "$gone")/.wh.$(basename "$gone")"
done
tar --numeric-owner --sort=name -cf "$out" .
