#!/bin/sh
# The container's liveness probe: exits with 0 while keepalived runs its scripts and every checker checks, otherwise with 1.
# keepalived's VRRP process runs keepalived-alive.sh, which notes the time. A check that fails is life too.
#
# usage: keepalived-liveness.sh RUN_DIRECTORY

# keepalived runs keepalived-alive.sh at least every ten seconds.
longest=15

# The parent of the VRRP process does nothing but wait for signals. A hang shows only in its state: T or t, stopped.
read -r _ _ state _ < /proc/1/stat
case $state in
  [Tt])
    echo 'process 1 is stopped'
    exit 1
    ;;
esac

at=0
[ ! -s "$1/alive-at" ] || read -r at < "$1/alive-at"
read -r now _ < /proc/uptime
[ $((${now%.*} - at)) -gt "$longest" ] || exit 0
echo "keepalived or a checker has shown no life since $((${now%.*} - at)) s"
exit 1
