#!/usr/bin/env bash
# Keeps a front proxy from starting where its connections would go to another process, and reports the node's settings.
#
# The proxy opens its ports with SO_REUSEPORT, so that old and new pod can share them during an update. Any process of root
# can share them as well, without an error. And a DNAT rule of the node takes connections before any listener does.
#
# It needs only bash, grep and coreutils, because not every image has curl or ss. It needs no capability.
#
# usage: port-guard.sh IDENTITY HEALTH_ADDRESS HEALTH_PORT HEALTH_PATH PORT...
#   IDENTITY  first word of the answer of the proxy's health endpoint; the other words are its ports
#   PORT...   all TCP ports of the proxy, the health port included
# NODE_ADDRESSES in the environment: the addresses of this node, separated by commas.
identity=$1 address=$2 health_port=$3 path=$4
shift 4

say() { printf 'port-guard: %s\n' "$*"; }

# True when a process listens (state 0A) on this port, on any address of either family:
# https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
held() {
  local hex
  printf -v hex '%04X' "$1"
  grep -Eqs "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6
}

# Asks ADDRESS PORT PATH, and prints the body of the answer.
ask() {
  exec 3<>"/dev/tcp/$1/$2" || exit 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$3" >&3
  while IFS= read -r -t 2 -u 3 header && [ "$header" != $'\r' ]; do :; done
  read -r -t 2 -u 3 -d '' body
  echo "$body"
}
export -f ask

# Prints the ports of an older pod of this proxy, which this pod replaces: its health endpoint answers with the identity.
# The time is limited: a connection to a process that accepts none waits for the kernel's retries, for minutes.
ours() {
  local name ports
  # shellcheck disable=SC2016  # the inner bash expands its own arguments
  read -r name ports < <(timeout 3 bash -c 'ask "$@"' ask "$address" "$health_port" "$path" 2>/dev/null)
  [ "$name" = "$identity" ] && echo "$ports"
}

# Prints the first of these ports whose listener is not an older pod.
first_strange() {
  local port asked='' mine=''
  for port; do
    held "$port" || continue
    [ -n "$asked" ] || mine=$(ours) asked=yes
    if [[ " $mine " != *" $port "* ]]; then echo "$port"; return; fi
  done
}

# Prints "PORT of ADDRESS" for the first of these ports on which nothing listens, but which an address of the node answers.
first_redirected() {
  local port node IFS=,
  for port; do
    # the health port is on loopback; where an older pod listens, its answer says nothing about a rule
    if [ "$port" = "$health_port" ] || held "$port"; then continue; fi
    for node in $NODE_ADDRESSES; do
      # shellcheck disable=SC2016  # the inner bash expands its own arguments
      if timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$node" "$port" 2>/dev/null; then echo "$port of $node"; return; fi
    done
  done
}

case $(cat /proc/sys/net/ipv4/tcp_migrate_req 2>/dev/null) in
  1) say 'hand-over is hitless: net.ipv4.tcp_migrate_req is 1' ;;
  0) say 'hand-over can reset a few new connections; to prevent this, set net.ipv4.tcp_migrate_req=1 in /etc/sysctl.d of this node' ;;
  *) say 'hand-over can reset a few new connections: this kernel is older than 5.14 and has no net.ipv4.tcp_migrate_req' ;;
esac

read -r low high </proc/sys/net/ipv4/ip_local_port_range
ephemeral=$((high - low + 1))
case $(cat /proc/sys/net/ipv4/tcp_tw_reuse) in
  1) say "new connections: $ephemeral ephemeral ports, each free again after 1 s: net.ipv4.tcp_tw_reuse is 1" ;;
  *) say "new connections: at most $((ephemeral / 60)) a second to each gateway address, because each of $ephemeral ephemeral ports waits 60 s;" \
    "for more, set net.ipv4.tcp_tw_reuse=1 and net.ipv4.ip_local_port_range in /etc/sysctl.d of this node: docs/prerequisites.md" ;;
esac

# Tries for five seconds: a process that listens may be about to exit, and an older pod may be too busy to answer at once.
until port=$(first_strange "$@") redirected=$(first_redirected "$@"); [ -z "$port$redirected" ]; do
  if [ "$SECONDS" -lt 5 ]; then sleep 0.5; continue; fi
  if [ -n "$port" ]; then
    say "not starting: port $port is in use by a process that is no older pod of \"$identity\":" \
      "$address:$health_port$path does not answer with this name and port. To find the process: ss -ltnp 'sport = :$port'." \
      "If it is an older pod with another health port, delete that pod."
  else
    say "not starting: port $redirected is redirected. Nothing listens on it, but it accepts connections, so clients would not reach this proxy." \
      "Such a rule comes from k3s servicelb (a Service of type LoadBalancer, such as Traefik's), a pod with hostPort," \
      "a NodePort, or iptables and nftables. To find the rule: kubectl get services,pods -A -o wide; nft list ruleset; iptables-save -t nat."
  fi
  exit 1
done
