# make run     sets up, builds for release and serves port 6379 with redis.conf
# make test    sets up and passes every test
# make torture kills servers under load and cuts migrations, over and over: nothing acknowledged may be lost
#
# More: make build, make bench, make fuzz, make fuzz-commands N=1000000, make format, make lint, make clean,
#       make install PREFIX=/usr/local, make deb

# Libraries that the server is built with and runs on.
packages := libjemalloc-dev libxxhash-dev liblzf-dev libssl-dev liblua5.1-0-dev lua-cjson-dev lua-bitop-dev
# What building the real servers needs that the tests compare with; the servers come by Scripts/install-peers.sh.
test_packages := gcc make python3 python3-venv redis-server redis-sentinel redis-tools locales

sources := Package.swift Sources Tests
server := .build/release/codis-server

.PHONY: run test torture fuzz fuzz-commands build sanitize-scripts setup peers install install-files deb bench format lint clean

run: build
	$(server) redis.conf

build: setup
	swift build -c release --product codis-server

test: build peers lint
	swift test

# ROUNDS of each kind are ten times those of `make test`.
ROUNDS ?= 300

torture: build peers
	KILL_ROUNDS=$(ROUNDS) TORTURE_ROUNDS=200 REPLICATION_ROUNDS=100 DIFF_SEED=random REPLICATION_SEED=random \
		swift test --filter 'KillTests|TortureTests|ConvergenceTests'

# RDB files changed at random, as often as it takes to be sure.
fuzz: setup
	FUZZ_ROUNDS=100000 TEST_SEED=random swift test --filter RDBFileFuzzTests

# So many random commands to the server and to each of the real ones; SEED repeats a run.
N ?= 1000000
SEED ?= random

fuzz-commands: build peers
	DIFF_COMMANDS=$(N) DIFF_SEED=$(SEED) swift test --filter DifferentialTests

# Hostile scripts, and errors out of every function that scripts can call, under AddressSanitizer: no error that Lua
# raises may leave a frame of the server behind it.
sanitize-scripts: setup peers
	swift build --sanitize address --scratch-path .build/sanitize --product codis-server
	ASAN_OPTIONS=detect_leaks=0 CODIS_SERVER=$(CURDIR)/.build/sanitize/debug/codis-server \
		swift test --filter 'ScriptTests.(HostileScript|Library|Comparison)Tests'

setup:
	@Scripts/install-packages.sh $(packages)

peers:
	@Scripts/install-packages.sh $(test_packages)
	@Scripts/install-peers.sh

# Where `make install` puts the program, and its second names, by which it checks files.
PREFIX ?= /usr/local
BINARY ?= $(server)
TOOLS ?= bin
tools := redis-check-rdb redis-check-aof redis-check-dump

install: build install-files
	install -D -m 644 redis.conf $(DESTDIR)$(PREFIX)/share/codis-server/redis.conf

install-files:
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/codis-server
	install -d $(DESTDIR)$(PREFIX)/$(TOOLS)
	for tool in $(tools); do ln -srf $(DESTDIR)$(PREFIX)/bin/codis-server $(DESTDIR)$(PREFIX)/$(TOOLS)/$$tool; done

# The package brings Swift's library within the program: Debian has none.
version := 0.9.0
package := .build/codis-server_$(version)_$(shell dpkg --print-architecture).deb

deb: setup
	@Scripts/install-packages.sh dpkg-dev redis-tools
	swift build -c release --static-swift-stdlib --scratch-path .build/package --product codis-server
	Scripts/build-deb.sh $(version) .build/package/release/codis-server $(package)
	Scripts/check-deb.sh $(package)

# Side by side with every real server found, and the chart in the README.
bench: build peers
	cd Benchmarks && swift run -c release compare-peers --chart ../docs/peers.svg

format:
	swift format --in-place --recursive $(sources) Benchmarks

lint:
	swift format lint --strict --recursive $(sources)

clean:
	rm -rf .build Benchmarks/.build
