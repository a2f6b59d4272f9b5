#!/bin/sh
# The liveness probe of the hand-over's container: exits with 1 if process PID is stopped (state T or t), otherwise with 0.
# The container restarts before the lease of its rules ends.
#
# usage: handover-liveness.sh PID

read -r _ _ state _ < "/proc/$1/stat"
case $state in
  [Tt])
    echo "process $1 is stopped"
    exit 1
    ;;
esac
