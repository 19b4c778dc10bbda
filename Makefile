# Everything a contributor runs. `make help` lists it; CI runs the same targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := $(CURDIR)/bin
GOLANGCI_VERSION := v2.15.0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
WEB_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f -print 2>/dev/null)
GO_SOURCES := $(shell find . -path ./frontend -prune -o -path ./node_modules -prune -o \( -name '*.go' -o -name '*.sql' -o -name '*.json' \) -type f -print 2>/dev/null)

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## Install what building and testing need (system packages, npm packages, linters)
	@./.ci/setup all

.PHONY: setup-run
setup-run:
	@./.ci/setup run

.PHONY: build
build: bin/taskurotta ## Build the one binary with the web app inside

frontend/node_modules/.package-lock.json: frontend/package.json frontend/package-lock.json
	npm ci --prefix frontend --no-audit --no-fund
	@touch $@

server/webui/dist/index.html: frontend/node_modules/.package-lock.json $(WEB_SOURCES)
	npm run --prefix frontend build
	@touch $@

bin/taskurotta: server/webui/dist/index.html $(GO_SOURCES) go.mod go.sum
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./server/cmd/taskurotta

.PHONY: run
run: setup-run build ## Build and start everything on this machine; prints one URL
	@exec bin/taskurotta dev

.PHONY: dev
dev: setup-run build ## Like run, with the web app served by Vite and reloaded on change
	@bin/taskurotta dev --web-dev http://127.0.0.1:5173 & server=$$!; \
	trap 'kill $$server 2>/dev/null || true' EXIT; \
	npm run --prefix frontend dev

.PHONY: generate
generate: frontend/node_modules/.package-lock.json ## Regenerate the OpenAPI document, the web app's API types and the reference pages
	go generate ./...
	npm run --prefix frontend generate

.PHONY: lint
lint: $(BIN)/golangci-lint frontend/node_modules/.package-lock.json ## golangci-lint, ESLint and tsc, with no warning allowed
	@mkdir -p server/webui/dist && touch server/webui/dist/.gitkeep
	$(BIN)/golangci-lint run ./...
	npm run --prefix frontend lint
	npm run --prefix frontend typecheck

$(BIN)/golangci-lint:
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

.PHONY: test
test: setup test-web test-flow test-go e2e ## Every test: web units, Go with the race detector on real PostgreSQL and Redis, the browser paths

# Most of these tests wait for servers, not for a processor: four of a package at once. Vet is a part of lint; tables for a debugger
# only make linking longer.
.PHONY: test-go
test-go: build
	TASKUROTTA_BINARY=$(CURDIR)/bin/taskurotta go test -race -vet=off -ldflags=-w -parallel 4 -timeout 20m ./...

# The race detector makes these ten times slower and finds nothing in them: Advance starts no goroutine. Built as build builds, whose work is
# used again.
.PHONY: test-flow
test-flow: build ## 10,000 random graphs against the reference interpreter; FLOW_SEED=17 runs one of them again
	CGO_ENABLED=0 go test -trimpath -vet=off -run '^TestRandomGraphsAgreeWithTheReference$$' ./engine/flow

.PHONY: test-web
test-web: frontend/node_modules/.package-lock.json
	npm run --prefix frontend test

.PHONY: e2e
e2e: build ## The browser paths, in Chromium on the real binary
	npm test --prefix e2e

.PHONY: bench
bench: build ## Measure throughput and latency against plain asynq on this machine
	bin/taskurotta bench

.PHONY: bench-web
bench-web: build ## Measure large graphs in Chromium: opening, dragging, tidying, panning
	cd e2e && npx playwright test -c bench.config.ts

.PHONY: scale
scale: build ## What 2,000,000 stored processes cost: chain10 beside an empty database, searches; lists of up to 200,000 entries
	bin/taskurotta bench --items 200000
	bin/taskurotta bench --only chain10 --stored 2000000

.PHONY: drill
drill: build ## The drills at their full size: 50,000 processes while tasks vanish, break and are late; 2,000 under each fault; bulk jobs of 10,000; 10,000 before an urgent one; 1,000 registrations
	TASKUROTTA_BINARY=$(CURDIR)/bin/taskurotta TASKUROTTA_DRILL=50000 go test -count=1 -timeout 2h -run '^TestChaosDrill$$' -v ./e2e/chaos
	TASKUROTTA_BINARY=$(CURDIR)/bin/taskurotta TASKUROTTA_FAULTS=2000 go test -count=1 -timeout 2h -run '^TestFaults$$' -v ./e2e/chaos
	TASKUROTTA_BULK=10000 go test -count=1 -timeout 30m -run '^(TestBulkRetryDoesExactlyThose|TestAnAbortStops)$$' -v ./server/bulk
	TASKUROTTA_URGENT=10000 go test -count=1 -timeout 10m -run '^TestAnUrgentTaskTakesTheNextSlot$$' -v ./engine
	TASKUROTTA_REGISTRATIONS=1000 go test -count=1 -timeout 1h -run '^TestRegistrationsBalance$$' -v ./server/app
