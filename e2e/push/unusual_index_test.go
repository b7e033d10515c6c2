//go:build e2e

package push

import (
	"encoding/json"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// bare returns the image as an index may list it: without a platform.
func bare(image fixture.Object) fixture.Object {
	image.Platform = nil
	return image
}

// TestUnusualIndexes inspects and pushes an index with entries that have no
// platform, or one that says it is unknown: both crashed the predecessor.
func TestUnusualIndexes(t *testing.T) {
	t.Parallel()
	unknown := &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	image := fixture.NewImage(t, fixture.OCI(), "plain", fixture.ParsePlatform("linux/amd64"), 1)
	one := fixture.NewImage(t, fixture.OCI(), "one", fixture.ParsePlatform("linux/arm64"), 1)
	two := fixture.NewImage(t, fixture.OCI(), "two", fixture.ParsePlatform("linux/arm64"), 2)
	onceUnknown, twiceUnknown := one, two
	onceUnknown.Platform, twiceUnknown.Platform = unknown, unknown
	tests := []struct {
		name    string
		entries []fixture.Object
	}{
		{"no platform", []fixture.Object{image, bare(one)}},
		{"no platform, twice", []fixture.Object{image, bare(one), bare(two)}},
		{"unknown platform, twice", []fixture.Object{image, onceUnknown, twiceUnknown}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := registrytest.StartOpen(t)
			index := fixture.NewIndex(t, fixture.OCI(), test.entries...)
			g.Put(t, "odd/app", "all", index)
			shown := clitest.Run(t, "inspect", g.Host+"/odd/app:all")
			shown.WantCode(t, 0)
			clitest.WantLines(t, shown.Stdout,
				"Digest: "+index.Digest().String(),
				"[2]   Digest: "+one.Digest().String(),
				"[2] # Layers: 1")

			spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/odd/app:all\n")
			printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
			fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), printed), test.entries...)
		})
	}
}

// TestNestedIndex shows the outer index with what the inner one lists, in each
// format, and which child of the inner one is gone.
func TestNestedIndex(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	inner := fixture.NewIndex(t, fixture.OCI(), images.Objects()...)
	image := fixture.NewImage(t, fixture.OCI(), "plain", fixture.ParsePlatform("linux/riscv64"), 1)
	outer := fixture.NewIndex(t, fixture.OCI(), inner, image)
	g.Put(t, "app", "outer", outer)
	shown := clitest.Run(t, "inspect", g.Host+"/app:outer")
	shown.WantCode(t, 0)
	clitest.WantLines(t, shown.Stdout,
		" * Contains 2 manifest references (2 images, 0 attestation):",
		"[1]   Digest: "+inner.Digest().String(),
		"[1]  Entries: 3 manifest references (3 images, 0 attestation):",
		"[1.2]   Digest: "+images[1].Image.Digest().String(),
		"[1.2]    -    Arch: arm64",
		"[2]   Digest: "+image.Digest().String(),
		"[2] # Layers: 1")

	g.DeleteManifest(t, "app", images[1].Image.Digest())
	shown = clitest.Run(t, "inspect", "--raw", g.Host+"/app:outer")
	shown.WantCode(t, 3)
	shown.WantStderr(t, "manifest-tool: 1 of 5 entries of "+g.Host+"/app:outer are missing")
	var raw struct {
		Manifests []struct {
			Digest    digest.Digest
			Manifests []struct {
				Missing bool
				Digest  digest.Digest
				Layers  []any
			}
		}
	}
	clitest.Must(t, json.Unmarshal([]byte(shown.Stdout), &raw))
	nested := raw.Manifests[0].Manifests
	if raw.Manifests[0].Digest != inner.Digest() || len(nested) != 3 || !nested[1].Missing || nested[1].Digest != images[1].Image.Digest() || len(nested[2].Layers) != 3 {
		t.Errorf("--raw shows\n%s", shown.Stdout)
	}
}

// TestIndexSourceWithMissingChild is refused before anything is written.
func TestIndexSourceWithMissingChild(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	open.Put(t, "src/app", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))
	open.DeleteManifest(t, "src/app", images[1].Image.Digest())
	g, seen := open.BehindProxy(t, nil)
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/src/app:all\n")
	done := clitest.Run(t, "push", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, images[1].Image.Digest().String())
	seen.WantNoWrites(t)
	open.WantAbsent(t, "app", "all")
}
