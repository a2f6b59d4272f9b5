#!/bin/sh
# Writes what keepalived's container knows to DIRECTORY/metrics, in Prometheus' text format, once a second. nginx serves the file.
# It only reads files of keepalived, so it needs no capability, and keepalived never waits for it.
#
# usage: keepalived-metrics.sh RUN_DIRECTORY DIRECTORY STALE_SECONDS
#   RUN_DIRECTORY  keepalived's: INSTANCE.state, INSTANCE.became-master and CHECK.sick; of the hand-over: handover.connections
#   DIRECTORY      a writable directory
#   STALE_SECONDS  a verdict that is older comes from a container that does not run
# /etc/keepalived-metrics.txt has the lines "instance NAME VRID ADDRESS...", "check NAME" and "sysctl METRIC FILE".
# It needs nginx, date, stat, mv and sleep.

run_directory=$1 directory=$2 stale_seconds=$3
settings=/etc/keepalived-metrics.txt

each() {
  while read -r kind values; do
    [ "$kind" != "$1" ] || echo "$values"
  done < "$settings"
}

# Prints the first word of a file, or the second argument if there is none.
first_word() {
  word=
  [ ! -r "$1" ] || read -r word _ < "$1"
  echo "${word:-$2}"
}

# usage: describe NAME TYPE HELP
describe() {
  printf '# HELP %s %s\n# TYPE %s %s\n' "$1" "$3" "$1" "$2"
}

# True if a file was written in the last seconds.
# usage: is_fresh FILE SECONDS
is_fresh() {
  written=$(stat -c %Y "$1" 2> /dev/null) && [ $(($(date +%s) - written)) -le "$2" ]
}

# True while all checkers write their verdicts. A container that was killed leaves its states.
runs() {
  for check in $(each check); do
    is_fresh "$run_directory/$check.sick" "$stale_seconds" || return 1
  done
}

state_of() {
  [ "$up" = 1 ] || { echo 0; return; }
  case $(first_word "$run_directory/$1.state") in
    BACKUP) echo 1 ;;
    MASTER) echo 2 ;;
    FAULT) echo 3 ;;
    *) echo 0 ;;
  esac
}

print_instances() {
  describe keepalived_vrrp_state gauge 'State of the VRRP instance of an address: 0 none, 1 BACKUP, 2 MASTER, 3 FAULT'
  each instance | while read -r name vrid addresses; do
    state=$(state_of "$name")
    for address in $addresses; do
      echo "keepalived_vrrp_state{iname=\"$name\",vrid=\"$vrid\",ip_address=\"$address\"} $state"
    done
  done
  describe keepalived_become_master_total counter 'Times that this node became the holder of the addresses of a VRRP instance'
  each instance | while read -r name vrid _; do
    echo "keepalived_become_master_total{iname=\"$name\",vrid=\"$vrid\"} $(first_word "$run_directory/$name.became-master" 0)"
  done
}

# The file of a verdict is as new as the last check.
print_checks() {
  describe keepalived_check_healthy gauge 'Whether the listener that a check asks is healthy: 1 or 0'
  for check in $(each check); do
    healthy=0
    if [ "$up" = 1 ] && [ "$(first_word "$run_directory/$check.sick")" = 0 ]; then
      healthy=1
      stat -c %Y "$run_directory/$check.sick" > "$directory/$check.success"
    fi
    echo "keepalived_check_healthy{check=\"$check\"} $healthy"
  done
  describe keepalived_check_last_success_timestamp_seconds gauge 'When a check was last healthy, in seconds since 1970; 0 if not yet'
  for check in $(each check); do
    echo "keepalived_check_last_success_timestamp_seconds{check=\"$check\"} $(first_word "$directory/$check.success" 0)"
  done
}

# The hand-over counts every 5 seconds. If it has ended, there is no figure.
print_connections() {
  is_fresh "$run_directory/handover.connections" 20 || return 0
  describe keepalived_handover_connections gauge 'Open TCP connections of this node to a virtual address, whichever node holds it'
  while read -r address connections; do
    echo "keepalived_handover_connections{ip_address=\"$address\"} $connections"
  done < "$run_directory/handover.connections"
}

print_sysctls() {
  each sysctl | while read -r metric file; do
    describe "$metric" gauge "$file of the node; 0 if its kernel has none"
    echo "$metric $(first_word "$file" 0)"
  done
}

print_all() {
  up=0
  ! runs || up=1
  describe keepalived_up gauge "Whether keepalived's container runs: 1 or 0"
  echo "keepalived_up $up"
  print_instances
  print_checks
  print_connections
  print_sysctls
}

# The container stays up, so that a port that is taken does not stop an update of keepalived.
serve() {
  while :; do
    nginx -e stderr -c /etc/keepalived-metrics.conf
    echo 'keepalived-metrics: nginx has ended; it starts again in 5 seconds' >&2
    sleep 5
  done
}

# Without a handler, the kernel drops the signals of process 1.
trap 'exit 0' TERM INT
serve &
while :; do
  print_all > "$directory/metrics.new" && mv "$directory/metrics.new" "$directory/metrics"
  sleep 1 &
  wait "$!"
done
