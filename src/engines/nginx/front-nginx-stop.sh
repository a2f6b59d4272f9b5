#!/usr/bin/env bash
# Ends nginx without breaking connections; the preStop hook of its container.
# For LAME_DUCK_SECONDS it accepts new connections, since a virtual IP may be leaving the node. Then SIGQUIT closes the listeners,
# and connections may finish for DRAIN_SECONDS. `nginx -s quit` would need DNS first, to read the configuration.
#
# usage: front-nginx-stop.sh PID_FILE LAME_DUCK_SECONDS DRAIN_SECONDS
pid_file=$1 lame_duck_seconds=$2 drain_seconds=$3

sleep "$lame_duck_seconds"
if pid=$(< "$pid_file") && kill -QUIT "$pid"; then
  timeout "$drain_seconds" tail --pid="$pid" -f /dev/null
fi
# kubelet reports a hook that fails. It is no failure if nginx was gone already or the time is over.
exit 0
