#!/bin/sh
# Starts the checkers and keepalived, or exits if keepalived would start unsafely.
# keepalived takes the place of this shell: as process 1 of the container it gets the signals.
#
# usage: keepalived-start.sh RUN_DIRECTORY ADDRESSES [NODE...]
#   RUN_DIRECTORY  a writable directory for pid files, states and verdicts
#   ADDRESSES      the virtual addresses with their prefix lengths, separated by commas
#   NODE...        the nodes that the configuration names; with none, every node may run it
# NODE_NAME in the environment is the name of this node.
# /etc/keepalived-checkers.txt has a line for each checker: the arguments of keepalived-checker.sh without the directory.

run_directory=$1 addresses=$2
shift 2

refuse() {
  echo "keepalived is not started: $1" >&2
  exit 1
}

# A keepalived that was killed leaves its addresses, and another node has them by now. The next keepalived removes them when it
# starts, but this script may refuse to start it. keepalived puts no address on lo.
remove_stale_addresses() {
  command -v ip > /dev/null || return 0
  for address in $(echo "$addresses" | tr , ' '); do
    ip -oneline address show to "$address" | while read -r _ device _; do
      [ "$device" = lo ] || { ip address del "$address" dev "$device" && echo "removed the stale address $address from $device" >&2; }
    done
  done
}

# keepalived skips the lines that begin with the @id of another node. With a wrong id it would have no peers and use multicast.
require_known_node() {
  [ $# -gt 0 ] || return 0
  for node in "$@"; do
    [ "$node" != "$NODE_NAME" ] || return 0
  done
  refuse "NODE_NAME is '$NODE_NAME', but the configuration has only the nodes $*; give this node, or its nodeName, in EdgeNodes.of()"
}

# keepalived calls setgroups() before it starts a script. Without SETGID no script starts, and keepalived counts each as passed:
# https://github.com/acassen/keepalived/blob/v2.2.7/lib/notify.c#L73 (set_script_env) and #L237 (exit(0))
require_capabilities() {
  while read -r key value; do
    [ "$key" != CapEff: ] || capabilities=$((0x$value))
  done < /proc/self/status
  for capability in SETGID:6 NET_ADMIN:12 NET_RAW:13; do
    [ $((capabilities >> ${capability#*:} & 1)) -eq 1 ] || refuse "the container lacks the capability ${capability%:*}; add it to securityContext.capabilities"
  done
}

# What the checkers use.
require_tools() {
  command -v curl > /dev/null || command -v wget > /dev/null || refuse 'the image has neither curl nor wget, which check the proxy; use an image that has one'
  sleep 0.01 || refuse 'sleep of the image takes no fraction of a second; use an image with GNU coreutils or BusyBox'
}

# From 2.2.8 on keepalived ignores a tracked file whose directory does not exist:
# https://github.com/acassen/keepalived/blob/v2.3.4/keepalived/trackers/track_file.c#L404
# It skips a configuration file that has an executable bit, and its --config-test reports no error then.
require_files() {
  if [ ! -d "$run_directory" ] || [ ! -w "$run_directory" ]; then
    refuse "$run_directory is not a writable directory; mount an emptyDir there"
  fi
  [ ! -x /etc/keepalived.conf ] || refuse '/etc/keepalived.conf is executable, so keepalived would skip it; remove the executable bit from defaultMode of its volume'
}

# Prints PATH with the real folders in place of links: from 2.3.0 on keepalived disables a script whose path contains a link.
# It finds the shell of its scripts by PATH, and /bin is a link where /usr is merged.
# https://github.com/acassen/keepalived/blob/v2.3.4/lib/notify.c#L646 (check_security)
path_without_links() {
  path=
  IFS=:
  for folder in $PATH; do
    folder=$(cd "$folder" 2> /dev/null && pwd -P) && path=$path:$folder
  done
  printf '%s\n' "${path#:}"
}

# Runs a checker. When it ends, the container has to end too: on SIGTERM keepalived gives up its addresses at once, and kubelet
# starts both again. The signal is repeated, because process 1 does not get a signal before it has a handler for it.
# The shell needs no program for this, because `kill` is a builtin.
run_checker() {
  /bin/sh /etc/keepalived-checker.sh "$run_directory" "$@"
  echo "the checker of $1 has ended; keepalived ends too, and kubelet restarts both" >&2
  while kill "$$"; do
    sleep 1
  done
}

# Without a handler, the kernel drops the signals of process 1.
trap 'refuse "a checker has ended, or the container got SIGTERM"' TERM

remove_stale_addresses
require_known_node "$@"
require_capabilities
require_tools
require_files

# keepalived is process 1 in every container. A pid file of the previous container would name process 1, which runs.
rm -f "$run_directory"/*
PATH=$(path_without_links)

# From 2.3.2 on keepalived writes a pid file for each part that is not switched off; --vrrp switches off only the checkers.
# If it cannot write one, it says that it runs already and exits with 0. So each pid file has a path here; BFD's only if it is built in:
# https://github.com/acassen/keepalived/blob/v2.3.4/keepalived/core/pidfile.c#L236 (keepalived_running)
set -- --vrrp -i "$NODE_NAME" -f /etc/keepalived.conf -p "$run_directory/keepalived.pid" -r "$run_directory/vrrp.pid"
case $(keepalived --help 2>&1) in
  *--bfd_pid*) set -- "$@" -b "$run_directory/bfd.pid" ;;
esac

# The exit code also shows that keepalived would drop a script whose file it does not trust. Later only its log would show it.
keepalived --config-test "$@" || refuse "keepalived --config-test found errors in the configuration (exit code $?); see the lines above"

while read -r name url seconds late starved fall rise owner second_url; do
  run_checker "$name" "$url" "$seconds" "$late" "$starved" "$fall" "$rise" "$owner" "$second_url" &
done < /etc/keepalived-checkers.txt

exec keepalived --dont-fork --log-console "$@"
