#!/bin/sh
# Exits with 0 when every checker has run since the last call, otherwise with 1. It finds a checker that hangs,
# and one whose end the start script has not noticed.
#
# usage: keepalived-alive.sh RUN_DIRECTORY NAME...
#   NAME...  the checkers

run_directory=$1
shift
status=0
for name in "$@"; do
  [ -s "$run_directory/$name.alive" ] || status=1
  : > "$run_directory/$name.alive"
done
exit $status
