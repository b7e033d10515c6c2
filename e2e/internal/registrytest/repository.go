//go:build e2e

package registrytest

import (
	"testing"

	"github.com/opencontainers/go-digest"
)

// Repository is one repository of a registry. It is a fixture.Reader.
type Repository struct {
	Registry *Registry
	Name     string
}

// Manifest returns the bytes of a manifest or index of the repository.
func (r Repository) Manifest(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	_, raw := r.Registry.Manifest(t, r.Name, d.String())
	return raw
}

// Blob returns the bytes of a blob of the repository.
func (r Repository) Blob(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	return r.Registry.Blob(t, r.Name, d)
}

// Repository returns the repository of that name.
func (g *Registry) Repository(name string) Repository { return Repository{g, name} }
