#!/usr/bin/env bash
# Builds the Debian package of a release build: build-deb.sh VERSION BINARY TARGET.deb
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 binary=$2 target=$3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

make --no-print-directory install-files DESTDIR="$root" PREFIX=/usr BINARY="$binary" TOOLS=lib/codis-server
install -D -m 644 Packaging/codis-server.service "$root/lib/systemd/system/codis-server.service"
install -d "$root/etc/codis" "$root/usr/share/doc/codis-server"
# The packaged server keeps its data and log where Debian keeps them, and serves its own machine until it is told more.
sed -e 's|^dir \.$|dir /var/lib/codis|' -e 's|^logfile ""$|logfile /var/log/codis/codis-server.log|' \
    -e 's|^protected-mode no$|protected-mode yes|' redis.conf > "$root/etc/codis/redis.conf"
for line in 'dir /var/lib/codis' 'logfile /var/log/codis/codis-server.log' 'protected-mode yes'; do
    grep -qx "$line" "$root/etc/codis/redis.conf" || { echo "build-deb: redis.conf has no place for: $line" >&2; exit 1; }
done
install -m 644 README.md CHANGELOG.md docs/*.md "$root/usr/share/doc/codis-server/"

install -d "$root/DEBIAN"
echo /etc/codis/redis.conf > "$root/DEBIAN/conffiles"
install -m 755 Packaging/postinst Packaging/prerm "$root/DEBIAN/"
# dpkg-shlibdeps finds the packages of the libraries that the program is linked with; it wants to see a source package.
source=$(mktemp -d)
trap 'rm -rf "$root" "$source"' EXIT
mkdir "$source/debian"
printf 'Source: codis-server\n\nPackage: codis-server\nArchitecture: any\n' > "$source/debian/control"
depends=$(cd "$source" && dpkg-shlibdeps -O "$root/usr/bin/codis-server" 2>/dev/null | sed 's/^shlibs:Depends=//')
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$(dpkg --print-architecture)|" -e "s|@DEPENDS@|$depends|" \
    Packaging/control.in > "$root/DEBIAN/control"
mkdir -p "$(dirname "$target")"
dpkg-deb --root-owner-group --build "$root" "$target" >/dev/null
echo "$target"
