package push

import (
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestWithoutImpossibleVariant removes what no node of the architecture can have, in
// every spelling of it, and keeps numbers that are only new.
func TestWithoutImpossibleVariant(t *testing.T) {
	for _, c := range []struct {
		arch, variant, want string
		conflicts           int
	}{
		{"amd64", "v8", "", 1},
		{"x86_64", "v8", "", 1},
		{"arm64", "v7", "", 1},
		{"arm", "v8", "", 1},
		{"amd64", "v3", "v3", 0},
		{"amd64", "v5", "v5", 0},
		{"arm64", "v9.4", "v9.4", 0},
		{"arm", "7", "7", 0},
		{"aarch64", "8", "8", 0},
		{"", "v8", "v8", 0},
		{"z80", "x", "x", 0},
		{"amd64", "", "", 0},
	} {
		g := &sourceResult{}
		got := g.withoutImpossibleVariant(ocispec.Platform{OS: "linux", Architecture: c.arch, Variant: c.variant})
		if got.Variant != c.want || len(g.conflicts) != c.conflicts {
			t.Errorf("%s/%s: %q, conflicts %q", c.arch, c.variant, got.Variant, g.conflicts)
		}
	}
}
