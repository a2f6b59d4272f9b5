#!/bin/sh
# The public image's entry point runs the scripts of /docker-entrypoint.d first; there are none here.
exec "$@"
