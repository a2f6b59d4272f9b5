#!/usr/bin/env bash
# Writes what PostgreSQL and mosquitto need into a new folder: a database, configurations, a certificate.
# usage: tcp-servers.sh FOLDER POSTGRES_BIN CERTIFICATE KEY
set -euo pipefail
folder=$1 postgres=$2 certificate=$3 key=$4
rm -rf "$folder"
install -d -o postgres -g postgres -m 755 "$folder"
install -o postgres -m 644 "$certificate" "$folder/server.crt"
install -o postgres -m 600 "$key" "$folder/server.key"
setpriv --reuid=postgres --regid=postgres --clear-groups "$postgres/initdb" -D "$folder/data" --username=lab --auth=trust --no-sync >&2
cat >> "$folder/data/postgresql.conf" <<END
listen_addresses = '*'
fsync = off
ssl = on
ssl_cert_file = '$folder/server.crt'
ssl_key_file = '$folder/server.key'
END
echo 'hostssl all all all trust' > "$folder/data/pg_hba.conf"
# mosquitto keeps its user, root, which can read the key
cat > "$folder/mosquitto.conf" <<END
user root
persistence false
allow_anonymous true
log_dest stderr
log_type all
listener 1883
listener 8883
certfile $folder/server.crt
keyfile $folder/server.key
END
