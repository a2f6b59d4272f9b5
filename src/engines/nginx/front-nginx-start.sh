#!/usr/bin/env bash
# Removes the old health socket and becomes nginx. A container that was killed keeps its run directory, and nginx does not start
# while its socket is there.
#
# usage: front-nginx-start.sh SOCKET COMMAND...

socket=$1
shift
rm -f "$socket" && exec "$@"
