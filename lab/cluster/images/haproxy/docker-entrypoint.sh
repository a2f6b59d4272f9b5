#!/bin/sh
# Does what the public image's entry point does: `haproxy` if only flags are given, always with -W -db.
set -e
[ "${1#-}" = "$1" ] || set -- haproxy "$@"
if [ "$1" = haproxy ]; then shift; set -- haproxy -W -db "$@"; fi
exec "$@"
