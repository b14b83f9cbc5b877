#!/usr/bin/env bash
# Unpacks a package into an empty folder and sees that its server runs, with its configuration: check-deb.sh FILE.deb
set -euo pipefail

root=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$root"' EXIT
dpkg-deb --extract "$1" "$root"
dpkg-deb --field "$1" Package Version Architecture Depends
"$root/usr/bin/codis-server" --version
for tool in "$root"/usr/lib/codis-server/*; do "$tool" --help >/dev/null || { echo "check-deb: $tool fails" >&2; exit 1; }; done
mkdir "$root/data"
# The folders of the package are made when it is installed.
sed -i "s|^dir .*|dir $root/data|; s|^logfile .*|logfile $root/log|" "$root/etc/codis/redis.conf"
"$root/usr/bin/codis-server" "$root/etc/codis/redis.conf" --port 0 --unixsocket "$root/socket" &
server=$!
for _ in $(seq 100); do [[ -S $root/socket ]] && break; sleep 0.1; done
[[ $(redis-cli -s "$root/socket" set key value) == OK ]]
[[ $(redis-cli -s "$root/socket" config get protected-mode | tail -1) == yes ]]
redis-cli -s "$root/socket" shutdown nosave
wait "$server"
echo "check-deb: the packaged server works"
