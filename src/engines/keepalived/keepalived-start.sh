# becomes keepalived, with its checkers beside it, or says why this container must not hold an address
# usage: keepalived-start.sh RUN_DIRECTORY [NODE...]     (no node: any may run it)

refuse() {
  echo "keepalived is not started: $1" >&2
  exit 1
}

run_directory=$1
shift

unknown=$#
for node in "$@"; do
  [ "$node" != "$NODE_NAME" ] || unknown=0
done
[ "$unknown" -eq 0 ] || refuse "NODE_NAME is '$NODE_NAME', and the configuration knows only: $*"

while read -r key value; do
  [ "$key" != CapEff: ] || capabilities=$((0x$value))
done < /proc/self/status
for capability in SETGID:6 NET_ADMIN:12 NET_RAW:13; do
  [ $((capabilities >> ${capability#*:} & 1)) -eq 1 ] || refuse "the container lacks the capability ${capability%:*}"
done

command -v curl > /dev/null || command -v wget > /dev/null || refuse 'the image has neither curl nor wget to check the proxy with'
sleep 0.01 || refuse "the image's sleep cannot wait for less than a second"
[ -d "$run_directory" ] && [ -w "$run_directory" ] || refuse "$run_directory is not a writable directory"

[ ! -x /etc/keepalived.conf ] || refuse '/etc/keepalived.conf is executable, and keepalived would skip it'

rm -f "$run_directory"/*

path=
IFS=:
for folder in $PATH; do
  folder=$(cd "$folder" 2> /dev/null && pwd -P) && path=$path:$folder
done
unset IFS
PATH=${path#:}

set -- --vrrp -i "$NODE_NAME" -f /etc/keepalived.conf -p "$run_directory/keepalived.pid" -r "$run_directory/vrrp.pid"
case $(keepalived --help 2>&1) in
  *--bfd_pid*) set -- "$@" -b "$run_directory/bfd.pid" ;;
esac
keepalived --config-test "$@" || refuse "it found errors in its configuration (exit code $?)"

with_checker() {
  /bin/sh /etc/keepalived-checker.sh "$run_directory" "$@"
  echo "the checker of $1 has ended, and so does keepalived" >&2
  while kill "$$"; do
    sleep 1
  done
}

trap 'refuse "a checker has ended, or SIGTERM came"' TERM
while read -r name arguments; do
  with_checker "$name" $arguments &
done < /etc/keepalived-checkers.txt

exec keepalived --dont-fork --log-console "$@"
