#!/bin/sh
# runs in the image: the paths and ids of the public one
set -e
groupmod --gid 99 haproxy
usermod --uid 99 --gid 99 haproxy
mv /usr/sbin/haproxy /usr/local/sbin/haproxy
mkdir -p /usr/local/etc/haproxy /var/lib/haproxy
chown haproxy:haproxy /var/lib/haproxy
mv /docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
