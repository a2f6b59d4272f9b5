// keeps a proxy from sharing its ports with a stranger, and says in the log how its next update will go
import type { ProxyHealthListener } from '../proxy-model';

export interface PortGuardOptions {
  /** All TCP ports that the proxy is about to listen on, that of its health endpoint included. */
  readonly ports: number[];
  /** The first word of what the health endpoint of a proxy of ours answers, its ports being the others: `ProxyModel.name`. */
  readonly identity: string;
  readonly health: ProxyHealthListener;
}

/** Command of an init container on the host network, in the proxy's own image; it needs neither a capability nor a file. */
export function portGuardCommand({ ports, identity, health }: PortGuardOptions): string[] {
  return ['bash', '-c', portGuardScript(), 'port-guard', identity, health.address, `${health.port}`, health.path, ...ports.map(String)];
}

/**
 * The script; all that differs between proxies comes in its arguments. Bash, grep and sleep only: not every image has curl or ss.
 * Kubernetes leaves a `$(…)` alone that names no variable, but makes one dollar sign of two: none may stand together.
 */
export function portGuardScript(): string {
  return SCRIPT;
}

// /proc/net/tcp: https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
const SCRIPT = String.raw`# The ports are opened with SO_REUSEPORT, for old and new pod to share them during an update; then any process of root can
# share them silently. Arguments: IDENTITY HEALTH_ADDRESS HEALTH_PORT HEALTH_PATH PORT...
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

case $(cat /proc/sys/net/ipv4/tcp_migrate_req 2>/dev/null) in
  1) say 'hand-over is hitless: net.ipv4.tcp_migrate_req is 1' ;;
  0) say 'hand-over can reset a few new connections; for none, set net.ipv4.tcp_migrate_req=1 in /etc/sysctl.d of this node' ;;
  *) say 'hand-over can reset a few new connections: this kernel is older than 5.14 and has no net.ipv4.tcp_migrate_req' ;;
esac

# who listens now may be about to leave, and an old pod may be too busy to answer at once
until port=$(first_strange "$@"); [ -z "$port" ]; do
  if [ "$SECONDS" -ge 5 ]; then
    say "port $port is held by a process that is no older pod of \"$identity\", as $address:$health_port$path would say: not starting." \
      "To find it: ss -ltnp 'sport = :$port'. An older pod with another health port must be deleted first."
    exit 1
  fi
  sleep 0.5
done
`;
