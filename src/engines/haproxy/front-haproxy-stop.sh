#!/usr/bin/env bash
# Ends HAProxy without breaking connections; the preStop hook of its container.
# For LAME_DUCK_SECONDS it accepts new connections, since a virtual IP may be leaving the node. Then SIGUSR1 closes the listeners,
# and HAProxy exits with its last connection or when its hard-stop-after is over; the container ends then, and this hook with it.
# There is no other signal: HAProxy has no handler for SIGTERM, so process 1 of a container ignores it.
# https://github.com/haproxy/haproxy/blob/v2.6.0/src/haproxy.c#L3068
#
# usage: front-haproxy-stop.sh LAME_DUCK_SECONDS DRAIN_SECONDS
set -e

sleep "$1"
kill -USR1 1
sleep "$2"
