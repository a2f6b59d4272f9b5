#!/bin/sh
# The public image's nginx has the stream module built in; Debian's loads it. The directive has to stand first in the
# global ones, and a second -g would replace the first: so it goes in front of what -g was given.
directives='load_module /usr/lib/nginx/modules/ngx_stream_module.so;'
for argument; do
  shift
  case $previous in -g) directives="$directives $argument" previous=; continue ;; esac
  case $argument in -g) previous=-g; continue ;; esac
  set -- "$@" "$argument"
done
exec /usr/lib/nginx/nginx -g "$directives" "$@"
