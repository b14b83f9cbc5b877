# make run     sets up, builds for release and serves port 6379 with redis.conf
# make test    sets up and passes every test
#
# More: make build, make bench, make format, make lint, make clean

# Libraries that the server is built with and runs on.
packages := libjemalloc-dev libxxhash-dev liblzf-dev libssl-dev
# What building the real servers needs that the tests compare with; the servers come by Scripts/install-peers.sh.
test_packages := gcc make python3 python3-venv redis-server redis-tools

sources := Package.swift Sources Tests
server := .build/release/codis-server

.PHONY: run test build setup peers bench format lint clean

run: build
	$(server) redis.conf

build: setup
	swift build -c release --product codis-server

test: build peers lint
	swift test

setup:
	@Scripts/install-packages.sh $(packages)

peers:
	@Scripts/install-packages.sh $(test_packages)
	@Scripts/install-peers.sh

# Side by side with every real server found, and the chart in the README.
bench: build peers
	cd Benchmarks && swift run -c release compare-peers --chart ../docs/peers.svg

format:
	swift format --in-place --recursive $(sources) Benchmarks

lint:
	swift format lint --strict --recursive $(sources)

clean:
	rm -rf .build Benchmarks/.build
