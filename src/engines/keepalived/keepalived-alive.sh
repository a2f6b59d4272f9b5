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
