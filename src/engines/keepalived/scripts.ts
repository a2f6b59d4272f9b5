// the shell around keepalived: what starts it, what it runs, and what asks it. POSIX sh, because the image may be Alpine

/** A file of the ConfigMap, mounted below /etc; run as `/bin/sh <path> …`, because a ConfigMap's files are not executable. */
export interface Script {
  readonly file: string;
  readonly text: string;
}

/** What the start script reads: a checker a line. */
export const CHECKERS = 'keepalived-checkers.txt';

/** argv of a script that kubelet runs. */
export function run(script: Script, ...args: string[]): string[] {
  return ['/bin/sh', `/etc/${script.file}`, ...args];
}

/**
 * argv of a script that keepalived runs. From 2.3.0 on it disables a script whose path, as it is written, goes through a link:
 * `/bin` is one where /usr is merged. It looks a bare name up in PATH, which `START` keeps free of links.
 * https://github.com/acassen/keepalived/blob/v2.3.4/lib/notify.c#L646 (`check_security`)
 */
export function runByKeepalived(script: Script, ...args: string[]): string[] {
  return ['sh', `/etc/${script.file}`, ...args];
}

/**
 * Starts the checkers and becomes keepalived, or refuses. What it refuses are the ways in which keepalived would go on and do harm:
 *
 * - A configuration file with an executable bit is skipped, and even `--config-test` is content with that.
 * - Lines with the `@id` of another node do not count: with a wrong id there are no peers left, and keepalived falls back to multicast.
 * - A script that cannot be started has "passed", and without SETGID none can: keepalived calls setgroups() first.
 *   https://github.com/acassen/keepalived/blob/v2.2.7/lib/notify.c#L73 (`set_script_env`), #L237 (`exit(0)`)
 * - A script whose file keepalived does not trust is dropped with one line in the log; `--config-test` tells it by its exit code.
 *
 * - A tracked file whose directory is not there is ignored from 2.2.8 on.
 *   https://github.com/acassen/keepalived/blob/v2.3.4/keepalived/trackers/track_file.c#L404
 *
 * The pid files go because keepalived is process 1 in every container: a file left by its predecessor names a living process.
 * Every pid file is named, that of BFD too where it is built in: from 2.3.2 on keepalived makes one for each part that is not
 * switched off, and when it cannot, it says that it runs already and ends with 0. `--vrrp` switches only the checkers off.
 * https://github.com/acassen/keepalived/blob/v2.3.4/keepalived/core/pidfile.c#L236 (`keepalived_running`)
 *
 * A checker that ends takes the container with it, by SIGTERM: keepalived gives its addresses up at once, and kubelet starts both anew.
 * The shell that waits for it needs no program for that, `kill` is its own; it repeats it because process 1 does not get a signal
 * that it has not asked for yet.
 */
export const START: Script = {
  file: 'keepalived-start.sh',
  text: `\
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
  [ $((capabilities >> \${capability#*:} & 1)) -eq 1 ] || refuse "the container lacks the capability \${capability%:*}"
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
PATH=\${path#:}

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
done < /etc/${CHECKERS}

exec keepalived --dont-fork --log-console "$@"
`,
};

/** The last line of defence: of a checker that hangs, and of one whose end nobody noticed. */
export const ALIVE: Script = {
  file: 'keepalived-alive.sh',
  text: `\
# 0 when every checker has shown life since the last time
# usage: keepalived-alive.sh RUN_DIRECTORY NAME...

run_directory=$1
shift
status=0
for name in "$@"; do
  [ -s "$run_directory/$name.alive" ] || status=1
  : > "$run_directory/$name.alive"
done
exit $status
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
