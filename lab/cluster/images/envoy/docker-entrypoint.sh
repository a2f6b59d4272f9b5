#!/bin/sh
# Does what the public image's entry point does: `envoy` if only flags are given, and as the user envoy unless ENVOY_UID=0.
set -e
[ "${1#-}" = "$1" ] || set -- envoy "$@"
[ "$1" != envoy ] || [ -z "$loglevel" ] || set -- "$@" --log-level "$loglevel"
if [ "$ENVOY_UID" = 0 ] || [ "$(id -u)" != 0 ]; then exec "$@"; fi
chown envoy:envoy /dev/stdout /dev/stderr
exec setpriv --reuid=envoy --regid=envoy --clear-groups "$@"
