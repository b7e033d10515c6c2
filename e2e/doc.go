//go:build e2e

// Package e2e is the root of the end to end tests. They run the built binary
// against real registries and have other clients read what it wrote. They need
// the tools that "make test" installs: docker-registry, skopeo, the docker
// command line, regctl and oras.
//
// There is one package of tests for each command (push, query, resolve, inspect,
// tags, verify, login, config) and for each concern of all commands:
//
//   - cli: flags, bad input, completion, signals, the recorded runs of version 2
//   - requests: exact lists of the requests that each command sends
//   - network: TLS, proxies, mirrors, mounts, retries and timeouts
//   - faults: the cases of docs/faults.md that need the binary
//   - matrix: every kind of request meets every fault, compared with matrix.txt
//   - chaos: random schedules of faults
//   - limits: memory and request rates
//   - docs: the examples of the README
//   - release: goreleaser.yaml and docs/install.sh
//
// They share a harness in internal:
//
//   - clitest runs the binary and compares its output
//   - fixture makes images, indexes, layouts and programs
//   - registrytest starts registries and recording proxies
//   - interop has other clients read an index
//   - fault has registries fail and kills the binary
//
// clitest builds the binary once for each package, unless the variable
// MANIFEST_TOOL_E2E_BINARY names one, as in "make test". So
//
//	go test -tags e2e ./e2e/verify
//
// works alone, with the tools in PATH.
package e2e
