# `make help` lists the targets. They need only go, unless stated otherwise.
# Outside this directory they write to caches and the temporary directory.
# `make test` and `make lint` also install the packages that the tests need, if
# apt is available (e2e/install).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Go's caches are below HOME. If HOME is not set (some CI systems), use the home
# directory of the password file, as a shell does for ~.
ifeq ($(strip $(HOME)),)
export HOME := $(shell unset HOME; echo ~)
endif

GO ?= go
BIN := manifest-tool
DIST := dist

# The output of `manifest-tool version`. Without a tag, or outside a git checkout,
# it is a development build.
VERSION = $(patsubst v%,%,$(shell git describe --tags --dirty 2>/dev/null || echo dev))
COMMIT = $(shell git rev-parse --verify --quiet HEAD 2>/dev/null || echo unknown)
COMMIT_DATE = $(shell TZ=UTC git show -s --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ HEAD 2>/dev/null)

# -buildvcs=false: the commit is set above, and go's own query fails if the
# checkout belongs to another user, as in many containers.
BUILD = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false \
	-ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(COMMIT_DATE)"

# os-arch[-arm version], as in goreleaser.yaml.
TARGETS := darwin-amd64 darwin-arm64 freebsd-amd64 freebsd-arm64 linux-386 \
	linux-amd64 linux-arm-5 linux-arm-6 linux-arm-7 linux-arm64 linux-loong64 \
	linux-mips64le linux-ppc64le linux-riscv64 linux-s390x netbsd-amd64 \
	netbsd-arm64 openbsd-amd64 openbsd-arm64 windows-amd64 windows-arm64

GORELEASER_VERSION := v2.15.2
SYFT_VERSION := v1.52.0
# Tools are kept here between runs; e2e/install uses the same directory.
CACHE := $(or $(MANIFEST_TOOL_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/manifest-tool)
GORELEASER := $(CACHE)/goreleaser-$(GORELEASER_VERSION)/goreleaser
SYFT := $(CACHE)/syft-$(SYFT_VERSION)/syft

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## Build ./manifest-tool for this machine
	$(BUILD) -o $(BIN) .

.PHONY: demo
demo: build ## Build, then push an index of four platforms and inspect it, without a server
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	cp -R testdata/layouts testdata/demo/index.yaml "$$tmp"; \
	cd "$$tmp"; PATH="$(CURDIR):$$PATH"; \
	run() { printf '\n$$ %s\n' "$$*"; "$$@"; }; \
	run cat index.yaml; \
	run $(BIN) push from-spec index.yaml; \
	run $(BIN) inspect oci-layout://app:1.0

# Timeout for the tests of one package. Go's default of ten minutes is too short
# for the end-to-end tests on two shared cores.
TEST_LIMIT = 40m

# Builds the binary that the end-to-end tests run, once for all their packages,
# and exports its path, without cgo as releases are. The version, the commit and the name of the directory are
# those of e2e/internal/clitest/binary.go. A path that is already set is used
# as it is.
E2E_BINARY = if [ -z "$${MANIFEST_TOOL_E2E_BINARY:-}" ]; then \
	built=$$(mktemp -d -t manifest-tool-e2e-XXXXXXXX); trap 'rm -rf "$$built"' EXIT; \
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags "-X main.version=0.0.0-e2e -X main.commit=e2ec0mm17" -o "$$built/$(BIN)" .; \
	export MANIFEST_TOOL_E2E_BINARY="$$built/$(BIN)"; fi

# `make lint` runs go vet. Many tests wait for a process or a response: more of them than
# there are cores run at the same time.
.PHONY: test
test: ## Install the test tools, then run all unit and end-to-end tests
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; $(E2E_BINARY); \
	gotestsum --format pkgname -- -vet=off -count=1 -parallel 4 -timeout $(TEST_LIMIT) -tags e2e ./...

# Builds distribution v3 under the name that the tests start.
DISTRIBUTION_V3 = (cd e2e/tools/registry && CGO_ENABLED=0 $(GO) build -o "$(CACHE)/distribution-v3/docker-registry" tool)

.PHONY: test-v3
test-v3: ## Run the end-to-end tests against distribution v3 (builds it once, some minutes)
	@tools=$$(e2e/install | tail -n 1); \
	$(DISTRIBUTION_V3); export PATH="$(CACHE)/distribution-v3:$$tools:$$PATH"; $(E2E_BINARY); \
	gotestsum --format pkgname -- -count=1 -timeout $(TEST_LIMIT) -tags e2e ./e2e/...

.PHONY: registries
registries: ## Generate docs/registries.md: test-registry with each version of distribution
	@tools=$$(e2e/install | tail -n 1); $(DISTRIBUTION_V3); $(E2E_BINARY); \
	for path in "$$tools" "$(CACHE)/distribution-v3:$$tools"; do \
		PATH="$$path:$$PATH" $(GO) test -count=1 -tags e2e ./e2e/probe -run TestRegistries -update || exit; done

.PHONY: race
race: ## Run the unit tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -timeout $(TEST_LIMIT) ./...

.PHONY: lint
lint: ## Check the code: go vet, golangci-lint, formatting
	$(GO) vet -tags e2e ./...
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	echo golangci-lint run; golangci-lint run

.PHONY: fmt
fmt: ## Format the code as lint requires it
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	golangci-lint fmt

.PHONY: cross
cross: $(addprefix cross-,$(TARGETS)) ## Build for every platform of a release, into dist/cross

.PHONY: $(addprefix cross-,$(TARGETS))
$(addprefix cross-,$(TARGETS)): cross-%:
	@echo "building $*"
	@GOOS=$(word 1,$(subst -, ,$*)) GOARCH=$(word 2,$(subst -, ,$*)) GOARM=$(word 3,$(subst -, ,$*)) \
	$(BUILD) -o $(DIST)/cross/$(BIN)-$*$(if $(filter windows-%,$*),.exe) .

.PHONY: docs
docs: ## Generate commands, man pages, errors, checks and the picture of the packages in docs/
	rm -f docs/commands/*.md docs/man/*.1
	$(GO) test -count=1 ./internal -run '^TestArchitecturePicture$$' -update
	$(GO) test -count=1 ./cmd -run '^(TestCommandPagesAreFresh|TestManPagesAreFresh|TestErrors)$$' -update
	$(GO) test -count=1 ./internal/probe -run '^TestChecksAreDocumented$$' -update

.PHONY: completions
completions: ## Write the completion scripts of all shells into completions/, for packages
	mkdir -p completions
	for shell in bash zsh fish; do $(GO) run -buildvcs=false . completion $$shell >completions/$(BIN).$$shell; done
	$(GO) run -buildvcs=false . completion powershell >completions/$(BIN).ps1

.PHONY: fixtures
fixtures: ## Generate testdata/layouts and testdata/bad/layers
	rm -rf testdata/layouts
	$(GO) run ./e2e/fixtures testdata/layouts
	$(GO) test -count=1 ./internal/rootfs -run '^TestBadLayersAreStored$$' -update

# The cross compilers of test-binaries, by the names of their Debian packages.
CROSS := aarch64-linux-gnu arm-linux-gnueabi arm-linux-gnueabihf i686-linux-gnu mips-linux-gnu \
	mips64el-linux-gnuabi64 mipsel-linux-gnu powerpc64-linux-gnu powerpc64le-linux-gnu \
	riscv64-linux-gnu s390x-linux-gnu

.PHONY: test-binaries
test-binaries: ## Read programs of every architecture, and verify images of real packages (some minutes)
	@missing=; for c in $(CROSS); do command -v "$$c-gcc" >/dev/null || missing="$$missing gcc-$$c"; done; \
	if [ -n "$$missing" ]; then echo "apt-get install$$missing and the libc6-dev of each" >&2; exit 1; fi
	@debs=$$(e2e/debs | tail -n 1); BINARIES=all BINARIES_DEBS="$$debs" \
	$(GO) test -count=1 -tags e2e -v -run '^Test(Compiled|Debian)$$' ./internal/platform/executable $(if $(UPDATE),-update-samples)
	@content=$$(e2e/realimages/fetch | tail -n 1); export REAL_IMAGES="$$content"; $(E2E_BINARY); \
	$(GO) test -count=1 -timeout $(TEST_LIMIT) -tags e2e -v -run '^TestRealImages$$' ./e2e/realimages

.PHONY: bad-binaries
bad-binaries: ## Generate testdata/bad/binaries
	rm -f testdata/bad/binaries/*
	$(GO) test -count=1 -run '^TestFault110Hostile' ./internal/platform/executable -update

.PHONY: size
size: ## Print what the bytes of the stripped linux/amd64 binary are for; PACKAGES=1 lists packages
	@$(GO) run ./e2e/size $(if $(PACKAGES),-packages)

.PHONY: release-check
release-check: $(GORELEASER) ## Check goreleaser.yaml (builds goreleaser once, some minutes)
	"$(GORELEASER)" check

# goreleaser runs syft, and `make release` cosign, which must be installed.
RELEASE_PATH = $(dir $(GORELEASER)):$(dir $(SYFT))

.PHONY: release-snapshot
release-snapshot: $(GORELEASER) $(SYFT) ## Make the files of a release into dist/, without images and signatures
	PATH="$(RELEASE_PATH):$$PATH" goreleaser release --snapshot --clean --skip=docker,ko,sign

.PHONY: release-test
release-test: $(GORELEASER) $(SYFT) ## Make a release twice and test what is in it (some minutes; root, apt's packages)
	@tools=$$(e2e/install | tail -n 1); PATH="$(RELEASE_PATH):$$tools:$$PATH" e2e/release/test

.PHONY: release release-owner
release: release-owner $(GORELEASER) $(SYFT) ## Publish the tagged commit, as docs/releasing.md describes
	PATH="$(RELEASE_PATH):$$PATH" $(GO) run ./e2e/release/base goreleaser release --clean

release-owner:
	@: "$${RELEASE_OWNER:?it names the account that publishes, see docs/releasing.md}"

$(GORELEASER):
	GOBIN="$(@D)" $(GO) install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

$(SYFT):
	GOBIN="$(@D)" $(GO) install github.com/anchore/syft/cmd/syft@$(SYFT_VERSION)

.PHONY: clean
clean: ## Remove the build results in this directory
	rm -rf $(BIN) $(DIST) completions packaging

# BENCH passes flags to the benchmarks, for example
# make bench-wire BENCH="-n 10 -only ours".
BENCH_RUN = @tools=$$(e2e/bench/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	$(GO) run -buildvcs=false -tags e2e ./e2e/bench

.PHONY: bench
bench: bench-start bench-copy bench-verify bench-wire ## Run all benchmarks, with other clients for comparison (about 7 minutes)

.PHONY: bench-wire
bench-wire: ## Count requests and round trips, ours and those of other clients
	$(BENCH_RUN) wire $(BENCH)

.PHONY: bench-start
bench-start: ## Measure start-up, memory and size of the binary
	$(BENCH_RUN) start $(BENCH)

.PHONY: bench-copy
bench-copy: ## Measure bytes per second and memory while copying large layers
	$(BENCH_RUN) copy $(BENCH)

.PHONY: bench-verify
bench-verify: ## Measure bytes, memory and time of verify (downloads 600 MB of Debian packages once)
	$(BENCH_RUN) verify $(BENCH)

.PHONY: mutation
mutation: ## Disable each guard and check that its test fails (some minutes; not part of CI)
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	$(GO) run -buildvcs=false ./e2e/mutate

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (10s) each
	@FUZZTIME="$(or $(FUZZTIME),10s)" e2e/fuzz

.PHONY: vulncheck
vulncheck: ## Search called code for known vulnerabilities, if the database exists
	@e2e/vulncheck

.PHONY: chaos
chaos: ## Run random schedules of faults: CHAOS_RUNS (10000), starting at CHAOS_SEED
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	CHAOS_RUNS=$${CHAOS_RUNS:-10000} CHAOS_SEED=$${CHAOS_SEED:-1} \
	$(GO) test -count=1 -tags e2e -parallel 8 -timeout 60m -run '^TestChaos$$' ./e2e/chaos

.PHONY: races
races: ## Race two processes for a tag, RACE_ROUNDS (500) times
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	RACE_ROUNDS=$${RACE_ROUNDS:-500} $(GO) test -count=1 -tags e2e -v -timeout 60m -run '^TestFault77TwoProcessesRaceForATag$$' ./e2e/faults

.PHONY: converge
converge: ## Test push --converge in every order of requests, and 16 jobs at once 50 times (some minutes)
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; $(E2E_BINARY); \
	CONVERGE_ALL=1 $(GO) test -count=1 -v -timeout 60m -run '^TestConvergeInEveryOrder$$' ./internal/manifest/push; \
	CONVERGE_ROUNDS=$${CONVERGE_ROUNDS:-50} $(GO) test -count=1 -tags e2e -v -timeout 60m -run '^TestConverge$$' ./e2e/assemble

.PHONY: limits
limits: ## Test the limits: memory, sizes, timeouts, and ten copies through a rate limit
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; \
	$(GO) test -count=1 -run '^TestLimits' ./internal/store; \
	LIMITS_RUNS=10 $(GO) test -count=1 -tags e2e -parallel 5 -run '^TestLimits' ./e2e/limits

.PHONY: serve-load
serve-load: ## Load serve over loopback: 2000 requests a second, 100 000 names (about 5 minutes)
	@tools=$$(e2e/install | tail -n 1); export PATH="$$tools:$$PATH"; $(E2E_BINARY); \
	SERVE_LOAD=1 $(GO) test -count=1 -tags e2e -v -timeout 20m -run '^TestServeLoad' ./e2e/load
