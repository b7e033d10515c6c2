//go:build e2e

package e2e

import (
	"testing"

	"github.com/opencontainers/go-digest"
)

// repository is a place in a registry.
type repository struct {
	Registry *registry
	Name     string
}

// Manifest returns the bytes of a manifest or index of the repository.
func (r repository) Manifest(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	_, raw := r.Registry.Manifest(t, r.Name, d.String())
	return raw
}

// Blob returns the bytes of a blob of the repository.
func (r repository) Blob(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	return r.Registry.Blob(t, r.Name, d)
}

// Repository returns the repository of that name in the registry.
func (g *registry) Repository(name string) repository { return repository{g, name} }
