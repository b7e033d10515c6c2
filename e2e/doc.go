//go:build e2e

// Package e2e runs the built binary against real registries and lets other
// clients judge what it wrote. It needs the tools that "make test" installs:
// docker-registry, skopeo, the docker command line, regctl and oras.
//
// The files without _test are the stage: the binary (binary.go, run.go,
// tool.go), registries (registry.go, token.go, tls.go), proxies before them
// (proxy.go, golden_front.go, recorder.go, golden_rows.go, golden_census.go), a
// plain HTTP client for them that shares no code with the product (client.go),
// content (image.go, attest.go, fleet.go, layout.go, fixture.go,
// golden_stage.go), and what is asked of the result (complete.go, witness.go).
package e2e
