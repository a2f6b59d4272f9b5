#!/bin/sh
# Exits with 0 when every checker has run since the last call, otherwise with 1. It finds a checker that hangs,
# and one whose end the start script has not noticed. It notes when it last exited with 0, for the liveness probe: a hung keepalived
# does not run it.
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
if [ "$status" = 0 ]; then
  read -r now _ < /proc/uptime
  echo "${now%.*}" > "$run_directory/alive-at"
fi
exit $status
