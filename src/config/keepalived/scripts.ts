// the shell around keepalived: what starts it, what it runs, and what asks it. POSIX sh, because the image may be Alpine

/** A file of the ConfigMap, mounted below /etc; run as `/bin/sh <path> …`, because a ConfigMap's files are not executable. */
export interface Script {
  readonly file: string;
  readonly text: string;
}

/** argv of a script. */
export function run(script: Script, ...args: string[]): string[] {
  return ['/bin/sh', `/etc/${script.file}`, ...args];
}

/**
 * Becomes keepalived, or refuses. What it refuses are the ways in which keepalived would go on and do harm:
 *
 * - A configuration file with an executable bit is skipped, and even `--config-test` is content with that.
 * - Lines with the `@id` of another node do not count: with a wrong id there are no peers left, and keepalived falls back to multicast.
 * - A check that cannot be started has "passed", and without SETGID none can: keepalived calls setgroups() first.
 *   https://github.com/acassen/keepalived/blob/v2.2.7/lib/notify.c#L73 (`set_script_env`), #L237 (`exit(0)`)
 * - A check whose file keepalived does not trust is dropped with one line in the log; `--config-test` tells it by its exit code.
 *
 * The pid files go because keepalived is process 1 in every container: a file left by its predecessor names a living process.
 */
export const START: Script = {
  file: 'keepalived-start.sh',
  text: `\
# becomes keepalived, or says why this container must not hold an address
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
  [ $((capabilities >> \${capability#*:} & 1)) -eq 1 ] || refuse "the container lacks the capability \${capability%:*}"
done

command -v curl > /dev/null || command -v wget > /dev/null || refuse 'the image has neither curl nor wget to check the proxy with'

[ ! -x /etc/keepalived.conf ] || refuse '/etc/keepalived.conf is executable, and keepalived would skip it'

rm -f "$run_directory"/*

set -- --vrrp -i "$NODE_NAME" -f /etc/keepalived.conf -p "$run_directory/keepalived.pid" -r "$run_directory/vrrp.pid"
keepalived --config-test "$@" || refuse "it found errors in its configuration (exit code $?)"
exec keepalived --dont-fork --log-console "$@"
`,
};

/**
 * Everything but a 200 is sickness, an unrunnable tool too. Curl is given less time than keepalived gives the whole script, so that
 * it fails by itself before the next run is due; wget is not, because Debian's busybox 1.35 crashes when it is told a timeout: keepalived
 * ends it with its process group, which counts as failed.
 */
export const CHECK: Script = {
  file: 'keepalived-check.sh',
  text: `\
# 0 when URL answers 200, 1 for everything else: keepalived may take 126 and 127 for success
# usage: keepalived-check.sh URL SECONDS

unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

ask() {
  if command -v curl > /dev/null; then
    curl --silent --max-time "$2" --dump-header - --output /dev/null "$1"
  else
    wget -S -O /dev/null "$1" 2>&1
  fi
}

answer=$(ask "$@") || exit 1
case \${answer#*HTTP/1.? } in
  200*) exit 0 ;;
  *) exit 1 ;;
esac
`,
};

/**
 * A FIFO and one reader rather than a notify script for each change: two scripts may overtake each other and leave the wrong state behind.
 * keepalived starts the reader the way it starts checks: where checks cannot run, no state is written.
 */
export const STATE: Script = {
  file: 'keepalived-state.sh',
  text: `\
# keeps <instance>.state beside the FIFO, from lines like: INSTANCE "edge" MASTER 100
# usage: keepalived-state.sh FIFO

while read -r type name state priority; do
  name=\${name#\\"}
  case $state in
    MASTER | BACKUP | FAULT | STOP) echo "$state" > "\${1%/*}/\${name%\\"}.state" ;;
  esac
done < "$1"
`,
};

export const READY: Script = {
  file: 'keepalived-ready.sh',
  text: `\
# 0 when this node can hold the addresses of every instance
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
`,
};
