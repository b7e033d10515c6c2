package manifest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// oneEntry is a visitor of one entry, at whose manifest the program fails.
type oneEntry struct {
	manifest.Visitor[string]

	t *testing.T
}

func (v oneEntry) Target(name string) (reference.Ref, ocispec.Descriptor) {
	ref, err := manifest.ParseReference(name, "latest")
	if err != nil {
		v.t.Error(err)
	}
	return ref, ocispec.Descriptor{}
}

func (oneEntry) Select(_ context.Context, level []string) []string { return level }

// failing is a reader with a bug.
type failing struct{ manifest.Reader }

func (failing) Get(context.Context, reference.Ref) (store.Document, error) { panic("a bug") }

// TestFault103APanicOfAWalk checks that a panic in a goroutine of Walk reaches the
// caller, who can recover from it, with the stack of the goroutine.
func TestFault103APanicOfAWalk(t *testing.T) {
	defer func() {
		got := fmt.Sprint(recover())
		if !strings.Contains(got, "a bug") || !strings.Contains(got, "panic_test.go") {
			t.Errorf("recovered %s", got)
		}
	}()
	err := manifest.Walk(t.Context(), failing{}, []string{"r.example/app:1"}, oneEntry{t: t})
	t.Errorf("no panic, error %v", err)
}
