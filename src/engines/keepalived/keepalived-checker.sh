#!/bin/sh
# Checks a proxy every SECONDS, and writes the verdict to RUN_DIRECTORY/NAME.sick: 0 healthy, 1 sick.
# It writes the time at which a check begins to RUN_DIRECTORY/NAME.asked, in hundredths of a second since boot.
#
# usage: keepalived-checker.sh RUN_DIRECTORY NAME URL SECONDS LATE STARVED FALL RISE OWNER [SECOND_URL]
#   SECONDS     from one check to the next
#   LATE        how much longer an answer may take, in seconds
#   STARVED     in hundredths of a second: if a timeout took longer than this, the machine is busy: ignore it, at most ten times
#               in a row
#   FALL        number of failures in a row that make the proxy sick; one timeout, after SECONDS + LATE, does so at once
#   RISE        number of answers of 200 in a row that make it healthy again
#   OWNER       the uid of the listener, a colon, and its port in hexadecimal; root may be the listener too. A dash: any process
#   SECOND_URL  asked in turn with URL until one of the two answers 200; from then on only that one is asked
#
# One timeout makes the proxy sick, but LATE prolongs it: on a machine without free CPU time this script's own programs are late,
# and a second try would be as late. STARVED has the same reason: the checker of the other node may be as late.
#
# It needs only the shell, sleep, and wget or curl. Without wget and curl the verdict is sick; without sleep the script ends.
# keepalived-alive.sh notices when it hangs, and keepalived-start.sh ends the container when it ends.

unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
name=$2 url=$3 seconds=$4 late=$5 starved=$6 fall=$7 rise=$8 owner=${9%:*} port=${9#*:} second_url=${10:-}
zeros=00000000000000000000000000000000
verdict=$1/$name.sick answer=$1/$name.answer alive=$1/$name.alive asked_at=$1/$name.asked
sick=1 passed=0 failed=0 excused=0 stranger=

# Takes the place of its shell, so that it can be killed. wget comes first: that of BusyBox starts in a sixth of the time.
# It gets no option for a timeout, because BusyBox 1.35 of Debian crashes with one.
# An answer of more than 16 blocks (8 or 16 KiB) kills it and counts as a failure: an endless answer must not fill the directory.
if command -v wget > /dev/null; then
  ask() { ulimit -f 16 && exec wget -S -O /dev/null "$url"; }
else
  ask() { ulimit -f 16 && exec curl --silent --dump-header - --output /dev/null "$url"; }
fi

# The first status line counts: a redirection to a page that answers 200 is a failure.
is_200() {
  while read -r version status _; do
    case $version-$status in
      HTTP/1.?-200*) return 0 ;;
      HTTP/1.?-*) return 1 ;;
    esac
  done < "$answer"
  return 1
}

# True when OWNER or root listens at the loopback address or at all addresses. Another user's listener cannot have answered then.
# From port 1024 on, any process can listen while the proxy is down; its answer must not count.
# A listener at another address does not matter. Listeners are the first lines of both tables; state 0A is LISTEN.
# Columns: slot, address, remote address, state, queues, timer, retries, uid:
# https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
is_owned() {
  [ "$owner" != - ] || return 0
  tables='/proc/net/tcp /proc/net/tcp6'
  case $url in
    *'['*) tables=/proc/net/tcp6 ;;
  esac
  for table in $tables; do
    [ -r "$table" ] || continue
    while read -r _ address _ state _ _ _ uid _; do
      case $state-$address in
        0A-0100007F:"$port" | 0A-7F000001:"$port" | 0A-00000000:"$port" | \
          0A-"$zeros:$port" | 0A-"${zeros%????????}01000000:$port" | 0A-"${zeros%?}1:$port")
          [ "$uid" != 0 ] && [ "$uid" != "$owner" ] || return 0
          [ "$uid" = "$stranger" ] || echo "$name: uid $uid answers in place of uid $owner"
          stranger=$uid
          return 1
          ;;
        st-* | 0A-*) ;;
        *) break ;;
      esac
    done < "$table"
  done
  return 1
}

# Sets now to the time since boot, in hundredths of a second.
clock() {
  read -r now _ < /proc/uptime
  now=${now%.*}${now#*.}
}

is_asking() { kill -0 "$asked" 2> /dev/null; }

pause() {
  sleep "$1" &
  wait "$!"
}

# Overwrites the last verdict in place, because keepalived takes an empty or missing file for healthy. Writes even the same verdict.
# Reads it back, because the shell of BusyBox reports no error when there is no room for a line.
say() {
  said=
  echo "$1" 1<> "$verdict" && read -r said < "$verdict" && [ "$said" = "$1" ]
}

while echo 1 1<> "$alive"; do
  clock
  began=$now
  echo "$began" 1<> "$asked_at"
  ask > "$answer" 2>&1 &
  asked=$!
  pause "$seconds" || break
  ! is_asking || pause "$late" || break

  if is_asking; then
    kill -KILL "$asked"
    wait "$asked" 2> /dev/null
    clock
    if [ $((now - began)) -gt "$starved" ] && [ "$excused" -lt 10 ]; then
      excused=$((excused + 1))
      echo "$name: timeout does not count, because this machine is short of CPU time"
    else
      failed=$fall passed=0
    fi
  elif wait "$asked" 2> /dev/null && is_200 && is_owned; then
    failed=0 excused=0 passed=$((passed + 1))
  else
    failed=$((failed + 1)) excused=0 passed=0
  fi

  if [ "$passed" -gt 0 ]; then
    second_url=
  elif [ -n "$second_url" ]; then
    asked_url=$url url=$second_url second_url=$asked_url
  fi

  was=$sick
  [ "$passed" -lt "$rise" ] || sick=0
  [ "$failed" -lt "$fall" ] || sick=1
  [ "$sick" = "$was" ] || echo "$name: sick=$sick"
  say "$sick" || break
done

# The script can do nothing more: it cannot wait, or cannot write.
say 1
exit 1
