#!/bin/sh
# runs in the image: the user and the log links of the public one, and the wrapper that loads the stream module
set -e
groupadd --system --gid 101 nginx
useradd --system --uid 101 --gid nginx --no-create-home --home-dir /nonexistent --shell /bin/false nginx
mv /usr/sbin/nginx /usr/lib/nginx/nginx
mv /nginx.sh /usr/sbin/nginx
mkdir -p /var/cache/nginx /docker-entrypoint.d
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
