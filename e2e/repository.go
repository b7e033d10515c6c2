//go:build e2e

package e2e

import (
	"testing"

	"github.com/opencontainers/go-digest"
)

// repository is a place in a registry.
type repository struct {
	registry *registry
	name     string
}

// document returns the bytes of a manifest or index of the repository.
func (r repository) document(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	_, raw := r.registry.manifest(t, r.name, d.String())
	return raw
}

// content returns the bytes of a blob of the repository.
func (r repository) content(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	return r.registry.blob(t, r.name, d)
}
