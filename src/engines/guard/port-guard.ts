// keeps a proxy from sharing its ports with a stranger and from losing them to a redirection, and says in the log what the node's settings mean
import type { ProxyHealthListener } from '../proxy-model';

export interface PortGuardOptions {
  /** All TCP ports that the proxy is about to listen on, that of its health endpoint included. */
  readonly ports: number[];
  /** The first word of what the health endpoint of a proxy of ours answers, its ports being the others: `ProxyModel.name`. */
  readonly identity: string;
  readonly health: ProxyHealthListener;
}

/** Environment variable of the init container: the node's addresses, separated by commas, as `status.podIPs` of a pod on the host network has them. */
export const NODE_ADDRESSES = 'NODE_ADDRESSES';

/** Command of an init container on the host network, in the proxy's own image; it needs neither a capability nor a file. */
export function portGuardCommand({ ports, identity, health }: PortGuardOptions): string[] {
  return ['bash', '-c', portGuardScript(), 'port-guard', identity, health.address, `${health.port}`, health.path, ...ports.map(String)];
}

/**
 * The script; all that differs between proxies comes in its arguments. Bash, grep and coreutils only: not every image has curl or ss.
 * Kubernetes leaves a `$(…)` alone that names no variable, but makes one dollar sign of two: none may stand together.
 */
export function portGuardScript(): string {
  return SCRIPT;
}

// /proc/net/tcp: https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
const SCRIPT = String.raw`# The ports are opened with SO_REUSEPORT, for old and new pod to share them during an update; then any process of root can
# share them silently. And a DNAT rule of the node comes before every listener. Arguments: IDENTITY HEALTH_ADDRESS HEALTH_PORT
# HEALTH_PATH PORT... In the environment: NODE_ADDRESSES, separated by commas.
identity=$1 address=$2 health_port=$3 path=$4
shift 4

say() { printf 'port-guard: %s\n' "$*"; }

# somebody listens (state 0A) on this port, on any address of either family
held() {
  local hex
  printf -v hex '%04X' "$1"
  grep -Eqs "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6
}

# the health endpoint answers with our name: an older pod of ours is there, we are its replacement, and these are its ports
ours() (
  exec 3<>"/dev/tcp/$address/$health_port" || exit 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$path" >&3
  while IFS= read -r -t 2 -u 3 header && [ "$header" != $'\r' ]; do :; done
  read -r -t 2 -u 3 -d '' name ports
  [ "$name" = "$identity" ] && echo "$ports"
) 2>/dev/null

# the first of these ports that somebody holds who is none of ours
first_strange() {
  local port asked='' mine=''
  for port; do
    held "$port" || continue
    [ -n "$asked" ] || mine=$(ours) asked=yes
    if [[ " $mine " != *" $port "* ]]; then echo "$port"; return; fi
  done
}

# the first of these ports that is answered at an address of the node although nothing listens on it: "PORT of ADDRESS"
first_redirected() {
  local port node IFS=,
  for port; do
    # the health port is on loopback; with a listener, an older pod of ours, an answer says nothing
    if [ "$port" = "$health_port" ] || held "$port"; then continue; fi
    for node in $NODE_ADDRESSES; do
      if timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$node" "$port" 2>/dev/null; then echo "$port of $node"; return; fi
    done
  done
}

case $(cat /proc/sys/net/ipv4/tcp_migrate_req 2>/dev/null) in
  1) say 'hand-over is hitless: net.ipv4.tcp_migrate_req is 1' ;;
  0) say 'hand-over can reset a few new connections; for none, set net.ipv4.tcp_migrate_req=1 in /etc/sysctl.d of this node' ;;
  *) say 'hand-over can reset a few new connections: this kernel is older than 5.14 and has no net.ipv4.tcp_migrate_req' ;;
esac

read -r low high </proc/sys/net/ipv4/ip_local_port_range
ephemeral=$((high - low + 1))
case $(cat /proc/sys/net/ipv4/tcp_tw_reuse) in
  1) say "new connections: $ephemeral ephemeral ports, used again after a second: net.ipv4.tcp_tw_reuse is 1" ;;
  *) say "new connections: $((ephemeral / 60)) a second to each gateway address at most, since $ephemeral ephemeral ports wait 60 s each;" \
    "for more, set net.ipv4.tcp_tw_reuse=1 and net.ipv4.ip_local_port_range in /etc/sysctl.d of this node: docs/prerequisites.md" ;;
esac

# who listens now may be about to leave, and an old pod may be too busy to answer at once
until port=$(first_strange "$@") redirected=$(first_redirected "$@"); [ -z "$port$redirected" ]; do
  if [ "$SECONDS" -lt 5 ]; then sleep 0.5; continue; fi
  if [ -n "$port" ]; then
    say "port $port is held by a process that is no older pod of \"$identity\", as $address:$health_port$path would say: not starting." \
      "To find it: ss -ltnp 'sport = :$port'. An older pod with another health port must be deleted first."
  else
    say "port $redirected is redirected: nothing listens on it, but connections are answered, and clients would not reach this proxy:" \
      "not starting. Such a rule comes from k3s servicelb (a Service of type LoadBalancer, as Traefik's), a pod with hostPort," \
      "a NodePort, or iptables and nftables. To find it: kubectl get services,pods -A -o wide; nft list ruleset; iptables-save -t nat."
  fi
  exit 1
done
`;
