# asks URL every SECONDS; RUN_DIRECTORY/NAME.sick becomes 0 after RISE answers of 200 in a row,
# and 1 after FALL others in a row, or after one that has not come within SECONDS + LATE,
# unless that took the machine longer than STARVED, in hundredths of a second
# until the first 200, URL and SECOND_URL are asked in turn; then the one that gave it
# OWNER: the uid of the listener, a colon, and its port in hexadecimal; root may be it too; a dash: any process
# usage: keepalived-checker.sh RUN_DIRECTORY NAME URL SECONDS LATE STARVED FALL RISE OWNER [SECOND_URL]

unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
name=$2 url=$3 seconds=$4 late=$5 starved=$6 fall=$7 rise=$8 owner=${9%:*} port=${9#*:} second_url=${10:-}
zeros=00000000000000000000000000000000
verdict=$1/$name.sick answer=$1/$name.answer alive=$1/$name.alive
sick=1 passed=0 failed=0 excused=0 stranger=

# takes the place of its shell, so that it can be killed; more than 16 blocks of an answer kill it
if command -v wget > /dev/null; then
  ask() { ulimit -f 16 && exec wget -S -O /dev/null "$url"; }
else
  ask() { ulimit -f 16 && exec curl --silent --dump-header - --output /dev/null "$url"; }
fi

# a redirection to something well is not well
is_200() {
  while read -r version status reason; do
    case $version-$status in
      HTTP/1.?-200*) return 0 ;;
      HTTP/1.?-*) return 1 ;;
    esac
  done < "$answer"
  return 1
}

# OWNER or root listens at the loopback address, or at all addresses: no other user's listener can have answered then.
# A listener at another address is none of our business. Listeners are the first lines of both tables.
is_owned() {
  [ "$owner" != - ] || return 0
  tables='/proc/net/tcp /proc/net/tcp6'
  case $url in
    *'['*) tables=/proc/net/tcp6 ;;
  esac
  for table in $tables; do
    [ -r "$table" ] || continue
    while read -r slot address remote state queues timer retries uid rest; do
      case $state-$address in
        0A-0100007F:$port | 0A-7F000001:$port | 0A-00000000:$port | 0A-$zeros:$port | 0A-${zeros%????????}01000000:$port | 0A-${zeros%?}1:$port)
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

# hundredths of a second
clock() {
  read -r now rest < /proc/uptime
  now=${now%.*}${now#*.}
}

is_asking() { kill -0 "$asked" 2> /dev/null; }

pause() {
  sleep "$1" &
  wait "$!"
}

# the shell of BusyBox is content with a line that found no room
say() {
  said=
  echo "$1" 1<> "$verdict" && read -r said < "$verdict" && [ "$said" = "$1" ]
}

while echo 1 1<> "$alive"; do
  clock
  began=$now
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
      echo "$name: excused, this machine is late"
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

# nothing left to go on with
say 1
exit 1
