#!/bin/sh
# Exits with 0 when this node can hold the addresses of every VRRP instance, otherwise with 1.
#
# usage: keepalived-ready.sh RUN_DIRECTORY INSTANCE...

run_directory=$1
shift
for instance in "$@"; do
  state=unknown
  [ ! -f "$run_directory/$instance.state" ] || read -r state < "$run_directory/$instance.state"
  case $state in
    MASTER | BACKUP) ;;
    *)
      echo "$instance: $state"
      exit 1
      ;;
  esac
done
