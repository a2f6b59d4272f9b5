#!/bin/sh
# Lets connections to virtual addresses survive when the addresses move to another node.
# Each node accepts TCP for the addresses all the time. It answers ARP for them only while keepalived holds them: the
# addresses are on lo without their routes in the table "local", where the kernel looks before it answers ARP. A routing
# rule finds them for TCP alone.
#
# usage: handover.sh NAME ROUTING_TABLE LEASE_SECONDS LINGER_SECONDS
#   NAME           name of the nftables tables
#   ROUTING_TABLE  number of the routing table, and priority of its rules
#   LEASE_SECONDS  how long the rules of a killed container work; those of silence work on
#   LINGER_SECONDS how long the rules of an ended container work, if connections are left
# NODE_NAME in the environment is the name of this node. The script reads /etc/handover-NODE_NAME.txt ("interface NAME",
# "family FAMILY", "address ADDRESS", "peer NUMBER ADDRESS", "instance VRID SECONDS ADDRESS...", "check FILE", "patience HUNDREDTHS",
# "connections FILE"; one a line), and loads /etc/handover-NODE_NAME.nft and /etc/silence-NODE_NAME.nft.
#   SECONDS          lifetime of the addresses on the interface
#   connections FILE where to write the number of open connections of each address, for metrics
# It needs the capabilities NET_ADMIN and NET_RAW, and the programs nft, ip, ss and ping.

name=$1 table=$2 lease=$3 linger=$4 interface='' addresses='' nft_families='' silence='' watcher='' late=0 since=0
label=lo:edge$table
settings=/etc/handover-$NODE_NAME.txt

say() { echo "handover: $*"; }

wait_for() {
  sleep "$1" &
  wait "$!"
}

# The move of the addresses needs none of this. The container stays up, so that the pod stays ready.
move_plainly() {
  say "$1: open connections break when an address moves"
  clean
  trap 'exit 0' TERM INT
  while :; do
    wait_for 3600
  done
}

family() {
  case $1 in
    *:*) echo -6 ;;
    *) echo -4 ;;
  esac
}

each() {
  while read -r kind value; do
    [ "$kind" != "$1" ] || echo "$value"
  done < "$settings"
}

clean() {
  for ip in -4 -6; do
    while ip "$ip" rule del lookup "$table" 2> /dev/null; do :; done
    ip "$ip" route flush table "$table" 2> /dev/null
  done
  ip -4 address flush dev lo label "$label"
  for nft_family in ip ip6; do
    nft "delete table $nft_family $name" 2> /dev/null
  done
  end_silence
}

has_addresses() {
  for address in $addresses; do
    [ -z "$(ip "$(family "$address")" address show dev "$interface" to "$address")" ] || return 0
  done
  return 1
}

# A keepalived that was killed has left its addresses. Then the rules stay, so that the node does not answer for them.
end_silence() {
  ! has_addresses || return 0
  for nft_family in ip ip6 netdev; do
    nft "delete table $nft_family $name-silence" 2> /dev/null
  done
}

is_ours() {
  case $addresses in
    *" $1 "*) return 0 ;;
  esac
  return 1
}

# Removes what an earlier configuration had.
remove_others() {
  for ip in -4 -6; do
    ip "$ip" rule show lookup "$table" | while read -r _ _ _ _ address _ device _; do
      { is_ours "$address" && [ "$device" = "$interface" ]; } || ip "$ip" rule del priority "$table" to "$address" iif "$device"
    done
    ip "$ip" route show table "$table" 2> /dev/null | while read -r _ address _; do
      is_ours "$address" || ip "$ip" route del local "$address" dev lo table "$table"
    done
  done
  ip -4 -oneline address show dev lo label "$label" | while read -r _ _ _ address _; do
    is_ours "${address%/*}" || ip -4 address del "$address" dev lo
  done
}

# Adds the address to lo, or renews its lifetime. The kernel adds a route for it, by which the node would answer ARP. While the
# address is added, a route that leads nowhere comes before that one.
add_address() {
  if [ -n "$(ip -4 address show dev lo label "$label" to "$1")" ]; then
    before='' after=''
  else
    before="route prepend throw $1/32 table local" after="route del throw $1/32 table local"
  fi
  printf '%s\n' "$before" "address replace $1/32 dev lo scope host label $label valid_lft $2 preferred_lft $2" \
    "route del local $1 dev lo table local" "$after" | ip -4 -force -batch - 2> /dev/null
  [ -n "$(ip -4 address show dev lo label "$label" to "$1")" ]
}

# IPv6 needs no address on lo: the kernel lets a socket send from an address that is gone. 6 is TCP: small images know no names of
# protocols.
accept_address() {
  ip "$(family "$1")" route replace local "$1" dev lo table "$table" || return 1
  case $(ip "$(family "$1")" rule show lookup "$table") in
    *" to $1 "*) ;;
    *) ip "$(family "$1")" rule add priority "$table" iif "$interface" to "$1" ipproto 6 lookup "$table" || return 1 ;;
  esac
  [ "$(family "$1")" = -6 ] || add_address "$1" "$2"
}

accept_addresses() {
  for address in $addresses; do
    accept_address "$address" "$1" || return 1
  done
}

# Fails if a routing rule of ours is gone. `ip rule flush` also removes the rule of the table main, without which the node has no
# route: that one is added here.
has_rules() {
  gone=0
  for ip in -4 -6; do
    rules=$(ip "$ip" rule show)
    case $rules in
      *' lookup main'*) ;;
      *) ip "$ip" rule add priority 32766 lookup main 2> /dev/null ;;
    esac
    for address in $addresses; do
      [ "$(family "$address")" = "$ip" ] || continue
      case $rules in
        *" to $address "*) ;;
        *) gone=1 ;;
      esac
    done
  done
  return "$gone"
}

# Sets a flag of the tables for a number of seconds; 0 removes it.
set_flag() {
  commands=''
  for nft_family in $nft_families; do
    flag="$nft_family $name $1"
    commands="$commands flush set $flag;"
    [ "$2" = 0 ] || commands="$commands add element $flag { host timeout ${2}s };"
  done
  nft "$commands"
}

# What a killed container leaves stops working after this time: the address on lo goes, and the other nodes pass nothing on
# to this one.
renew_lease() {
  set_flag lease "$1"
}

# Loads the rules, and in the same step what their sets need from the start. On a busy node, the next command can be a second late:
# without a lease, the peers take this node for dead meanwhile, and reset its connections.
load_rules() {
  rules=$(cat "/etc/handover-$NODE_NAME.nft") && printf '%s\n' "$rules" "$(first_elements)" | nft -f -
}

# A peer counts as alive at once if its hardware address is known. Packets that come from an unknown hardware address are taken for a
# client's, and may go back to where they came from.
first_elements() {
  for nft_family in $nft_families; do
    echo "add element $nft_family $name lease { host timeout ${lease}s }"
  done
  while read -r kind number peer; do
    [ "$kind" = peer ] || continue
    case $peer in
      *:*) nft_family=ip6 ;;
      *) nft_family=ip ;;
    esac
    neighbour=$(ip "$(family "$peer")" neighbour show to "$peer" dev "$interface")
    case $neighbour in
      *' lladdr '*)
        hardware=${neighbour#* lladdr }
        echo "add element $nft_family $name peers { ${hardware%% *} }"
        echo "add element $nft_family $name alive$number { host timeout 2s }"
        ;;
    esac
  done < "$settings"
}

load_silence() {
  silence=''
  ! nft -f "/etc/silence-$NODE_NAME.nft" > /dev/null 2>&1 || silence=yes
}

load_again() {
  say 'the rules were removed: loading them again'
  load_rules
  load_silence
}

# While keepalived sends adverts, its addresses get a short lifetime on the interface. When it is killed or stopped, or the whole
# pod is, the kernel removes them, even if something removes the silence rules. A keepalived that works and loses an address
# gives up, and takes the address again within milliseconds.
# EXTRA_SECONDS are added to the lifetimes. Fails if the silence rules are gone.
# usage: hold_addresses EXTRA_SECONDS
hold_addresses() {
  rules=$(nft list table netdev "$name-silence" 2> /dev/null) || return 1
  case $rules in
    *"\"$interface\""*) ;;
    *) return 1 ;;
  esac
  present='' changes=''
  while read -r kind router seconds held; do
    [ "$kind" = instance ] || continue
    set=${rules#*set holds"$router" \{}
    case ${set%%\}*} in
      *elements*) ;;
      *) continue ;;
    esac
    [ -n "$present" ] || present=$(ip -oneline address show dev "$interface")
    for address in $held; do
      case $present in
        *" $address/"*) change_address "$address" $((seconds + $1)) ;;
      esac
    done
  done < "$settings"
  [ -z "$changes" ] || printf '%s\n' "$changes" | ip -force -batch - 2> /dev/null
  return 0
}

# keepalived adds IPv6 addresses as deprecated, so that the node does not use them as sources of its own.
change_address() {
  case $1 in
    *:*) lifetime="$1/128 dev $interface valid_lft $2 preferred_lft 0 nodad" ;;
    *) lifetime="$1/32 dev $interface valid_lft $2 preferred_lft $2" ;;
  esac
  changes="$changes
address change $lifetime"
}

# Sets now to the time since boot, in hundredths of a second.
clock() {
  read -r now _ < /proc/uptime
  now=${now%.*}${now#*.}
}

# On a node without free CPU time, this script is late too, and an address must not go while keepalived works. Sets late to the
# seconds that a lifetime gets in addition: four times what the last turn took, if that was more than 0.8 s, for a minute.
measure_lateness() {
  clock
  took=$((now - ${last_turn:-$now})) last_turn=$now
  extra=$((took > 80 ? took / 25 : 0))
  [ "$extra" -le 10 ] || extra=10
  if [ "$extra" -ge "$late" ] || [ $((now - since)) -gt 6000 ]; then
    late=$extra since=$now
  fi
}

# Pings a peer until the container ends, and prints nothing.
ping_peer() {
  while :; do
    ping -q -n -i "$1" -t 255 "$2" > /dev/null 2>&1
    sleep 1
  done
}

# True when every checker of keepalived has found its proxy healthy, and goes on checking.
is_healthy() {
  clock
  for check in $checks; do
    read -r sick < "$check.sick" && [ "$sick" = 0 ] && read -r asked < "$check.asked" && [ $((now - asked)) -le "$patience" ] || return 1
  done
}

# Asks the other nodes for new connections while the proxy is healthy. If the container is killed, they come for three more seconds.
watch_health() {
  told_at=0
  while :; do
    if ! is_healthy 2> /dev/null; then
      [ "$told_at" = 0 ] || {
        set_flag ready 0 2> /dev/null
        say 'this node gets no new connections: its proxy is not healthy, or keepalived does not check it'
      }
      told_at=0
    elif [ $((now - told_at)) -ge 100 ] && set_flag ready 3 2> /dev/null; then
      [ "$told_at" != 0 ] || say 'this node gets new connections'
      told_at=$now
    fi
    sleep 0.2
  done
}

# Prints the connections of this node to an address. Without brackets, ss takes the end of an IPv6 address for a port.
connections_to() {
  case $1 in
    *:*) ss -Hnt state connected exclude time-wait src "[$1]" ;;
    *) ss -Hnt state connected exclude time-wait src "$1" ;;
  esac
}

has_connections() {
  for address in $addresses; do
    [ -z "$(connections_to "$address" | head -n 1)" ] || return 0
  done
  return 1
}

# Writes "ADDRESS NUMBER" for each address every 5 seconds.
# usage: count_connections FILE
count_connections() {
  while :; do
    for address in $addresses; do
      echo "$address $(connections_to "$address" | wc -l)"
    done > "$1.new" && mv "$1.new" "$1"
    sleep 5
  done
}

# keepalived gets the signal at the same time. Connections may come until it has given the addresses up. If it was killed, the
# kernel removes its addresses soon. If it still sends adverts after a second, this container ends alone: the addresses must last
# until kubelet has started the next one.
end() {
  [ -z "$watcher" ] || { kill "$watcher" && set_flag ready 0 2> /dev/null; }
  for _ in 1 2 3 4; do
    sleep 1
    has_addresses || break
    [ -z "$silence" ] || hold_addresses "$lease"
  done
  if has_connections; then
    end_silence
    accept_addresses "$linger"
    renew_lease "$linger"
    say "connections are left: they live on for up to $linger seconds, or until the next container takes them over"
  else
    clean
  fi
  exit 0
}

# The programs of these network plugins get packets before nftables does.
warn_of_plugins() {
  for device in cilium_host bpfin.cali; do
    ! ip link show dev "$device" > /dev/null 2>&1 || say "$device is here: its network plugin gets packets first. Test a move: see 'Beside other programs' in docs/handover.md"
  done
}

for tool in nft ip ss ping; do
  command -v "$tool" > /dev/null || move_plainly "the image lacks $tool"
done
[ -r "$settings" ] || move_plainly "NODE_NAME is '$NODE_NAME', which the configuration does not know"

interface=$(each interface)
addresses=" $(each address | tr '\n' ' ')"
nft_families=$(each family)
checks=$(each check) patience=$(each patience)
interval=0.2
[ -z "$checks" ] || interval=0.1
# Without a handler, the kernel drops the signals of process 1.
trap end TERM INT
remove_others
problem=$(load_rules 2>&1) || move_plainly "nft rejected the rules ($(echo "$problem" | head -n 1))"
load_silence
[ -n "$silence" ] || say 'nft rejected the silence rules: if keepalived hangs, this node still answers ARP for its addresses'
problem=$(accept_addresses "$lease" 2>&1) || move_plainly "an address cannot be accepted ($problem)"

while read -r kind _ peer; do
  [ "$kind" != peer ] || ping_peer "$interval" "$peer" &
done < "$settings"
[ -z "$checks" ] || {
  watch_health &
  watcher=$!
}
connections_file=$(each connections)
[ -z "$connections_file" ] || { count_connections "$connections_file" & }
say "connections to${addresses% } survive a move"
warn_of_plugins

# A firewall that reloads its rules may remove ours, and so may a network service that restarts.
turn=0 turns=$((lease < 30 ? 2 * lease / 3 : 20))
while :; do
  wait_for 0.5 || wait_for 1
  measure_lateness
  [ -z "$silence" ] || hold_addresses "$late" || load_again
  turn=$((turn + 1))
  [ $((turn % 2)) -ne 0 ] || has_rules || accept_addresses "$lease"
  [ "$turn" -ge "$turns" ] || continue
  turn=0
  accept_addresses "$lease"
  renew_lease "$lease" 2> /dev/null || load_again
  [ -n "$silence" ] || load_silence
done
