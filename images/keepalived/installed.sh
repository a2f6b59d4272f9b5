#!/bin/sh
# A hook of mmdebstrap. Writes the packages in apt's cache of a root file system to dpkg's database there, their names and versions to
# the file "packages", and the date of apt's lists to the file "date-of-lists".
#
#   installed.sh ROOT
set -eu
cd "$1"
: >var/lib/dpkg/status
for package in var/cache/apt/archives/*.deb; do
  dpkg-deb --field "$package" | sed '1a Status: install ok installed' >>var/lib/dpkg/status
  echo >>var/lib/dpkg/status
  # shellcheck disable=SC2016  # dpkg-deb expands these
  dpkg-deb --show --showformat='${Package}=${Version}\n' "$package"
done | LC_ALL=C sort >packages
date -u -d "$(sed -n 's/^Date: //p' var/lib/apt/lists/*_InRelease)" +%Y-%m-%dT%H:%M:%SZ >date-of-lists
