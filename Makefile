# bash, because make 3.81 (macOS) looks commands up on its own PATH, not on the one below, unless SHELL is not its default.
SHELL := /bin/bash

BIN := $(CURDIR)/node_modules/.bin
# npm replaces node_modules, so it must not run on the Node that lives there.
SYSTEM_PATH := $(subst $(BIN):,,$(PATH))
export PATH := $(BIN):$(SYSTEM_PATH)

WORKSPACES := shared proto control-plane data-plane e2e bench
INSTALLED := node_modules/.installed
JEST := jest $(if $(CI),--ci)

.DEFAULT_GOAL := help
.PHONY: help install build run test unit e2e check typecheck lint imports format-check proto-check proto-generate \
	proto-image chart-docs chart-check image-tree bench soak format clean

help: ## List every target
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  \033[1m%-15s\033[0m %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## Install the dependencies, when they are not current
	@node scripts/assert-node.mjs

$(INSTALLED): $(wildcard package-lock.json) .npmrc
	PATH="$(SYSTEM_PATH)" npm $(if $(wildcard package-lock.json),ci,install) --loglevel=error
	@touch $@

build: install ## Compile every package (src -> dist)
	@tsc -b

run: build ## Boot a control plane, data planes and origins here: make run CONFIG=<file> DATA_DIR=<folder>
	@$(if $(CONFIG),CONFIG="$(CONFIG)") $(if $(DATA_DIR),DATA_DIR="$(DATA_DIR)") exec node e2e/dist/harness/run.js

test: check ## Everything: the checks, the unit tests, the end-to-end tests
	@rm -rf .jest
	@status=0; for suite in unit e2e; do $(MAKE) --no-print-directory $$suite || status=1; done; exit $$status

unit: install ## The unit tests: make unit ARGS="shared/src -t 'a name'"
	@mkdir -p .jest
	@$(JEST) --selectProjects unit --json --outputFile=.jest/unit.json $(ARGS)

e2e: build ## The end-to-end tests, on the build
	@mkdir -p .jest
	@$(JEST) --selectProjects e2e --runInBand --json --outputFile=.jest/e2e.json $(ARGS)

check: typecheck lint imports format-check proto-check chart-check ## All that is checked without running the code; what CI runs before the tests

typecheck: build ## The build, and the types of the tests
	@tsc -p tsconfig.test.json

lint: install ## eslint
	@eslint --max-warnings=0 .

imports: install ## The import directions between packages and rooms
	@depcruise --config .dependency-cruiser.mjs --output-type err $(WORKSPACES)

format-check: install ## Fail on files that `make format` would change
	@prettier --check --log-level=warn .

proto-check: install ## Lint the .proto files, compare with the released wire format, regenerate and compare
	@cd proto && buf lint
	@cd proto && buf breaking --against image.binpb
	@scripts/check-generated.sh

proto-generate: install ## Generate proto/src/generated from the .proto files
	@npm run --silent proto:generate

proto-image: install ## Take today's .proto files as the wire format that later ones must not break
	@cd proto && buf build --output image.binpb

chart-docs: build ## Renew what the chart's README and schema have from its values and from the planes' settings
	@node scripts/chart-docs.mjs

chart-check: build ## Fail when `make chart-docs` would change something
	@node scripts/chart-docs.mjs --check

image-tree: build ## Assemble what the images hold into .images/: no container engine is needed
	@rm -rf .images
	@for plane in control-plane data-plane; do node scripts/assemble-image-tree.mjs $$plane .images/$$plane || exit 1; done

bench: build ## Measure Headgate beside its peers into bench/results.md: make bench ARGS="proxy-cost --rounds=9"
	@node bench/dist/main.js $(ARGS)

soak: SEED ?= $(shell date +%s)
soak: DURATION ?= 20m
soak: build ## Faults, mutated messages, mixed traffic: make soak SEED=<number> DURATION=<of the traffic>
	@echo "SEED=$(SEED)"
	@HEADGATE_SOAK=1 SEED=$(SEED) DURATION=$(DURATION) $(JEST) --selectProjects soak --runInBand $(ARGS)

format: install ## Format every file
	@prettier --write --log-level=warn .

clean: ## Remove what was built
	rm -rf $(WORKSPACES:%=%/dist) .images .jest coverage
