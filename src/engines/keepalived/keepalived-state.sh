#!/bin/sh
# Writes the state of each VRRP instance to INSTANCE.state beside the FIFO, and the number of times that it became MASTER to
# INSTANCE.became-master. keepalived writes lines like this into the FIFO:
# INSTANCE "edge" MASTER 100
#
# One reader of a FIFO keeps the order. Of two notify scripts that run at once, the older state could be written last.
# keepalived starts this script as it starts its checks: where checks cannot run, there is no state and the pod is not ready.
#
# usage: keepalived-state.sh FIFO

count() {
  times=0
  [ ! -f "$1" ] || read -r times < "$1"
  echo $((times + 1)) > "$1"
}

while read -r _ name state _; do
  name=${name#\"}
  name=${name%\"}
  case $state in
    MASTER | BACKUP | FAULT | STOP) echo "$state" > "${1%/*}/$name.state" ;;
  esac
  [ "$state" != MASTER ] || count "${1%/*}/$name.became-master"
done < "$1"
