//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// bare returns the image as an index may list it: without a platform.
func bare(image object) object {
	image.Platform = nil
	return image
}

// TestOddButLegalIndexes inspects and pushes an index with entries that have no
// platform, or one that says it is unknown: both crashed the predecessor.
func TestOddButLegalIndexes(t *testing.T) {
	t.Parallel()
	unknown := &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	image := newImage(t, ociMedia(), "plain", platform("linux/amd64"), 1)
	one := newImage(t, ociMedia(), "one", platform("linux/arm64"), 1)
	two := newImage(t, ociMedia(), "two", platform("linux/arm64"), 2)
	onceUnknown, twiceUnknown := one, two
	onceUnknown.Platform, twiceUnknown.Platform = unknown, unknown
	tests := []struct {
		name    string
		entries []object
	}{
		{"no platform", []object{image, bare(one)}},
		{"no platform, twice", []object{image, bare(one), bare(two)}},
		{"unknown platform, twice", []object{image, onceUnknown, twiceUnknown}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := startOpen(t)
			index := newIndex(t, ociMedia(), test.entries...)
			g.Put(t, "odd/app", "all", index)
			shown := manifestTool(t, "inspect", g.Host+"/odd/app:all")
			shown.WantCode(t, 0)
			wantLines(t, shown.Stdout,
				"Digest: "+index.Digest().String(),
				"[2]   Digest: "+one.Digest().String(),
				"[2] # Layers: 1")

			spec := specFile(t, g.Host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/odd/app:all\n")
			printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
			wantEntries(t, wantComplete(t, g.Repository("app"), printed), test.entries...)
		})
	}
}

// TestAnIndexInAnIndex shows the outer index with what the inner one lists, in
// each format, and which child of the inner one is gone.
func TestAnIndexInAnIndex(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	inner := newIndex(t, ociMedia(), images.Objects()...)
	image := newImage(t, ociMedia(), "plain", platform("linux/riscv64"), 1)
	outer := newIndex(t, ociMedia(), inner, image)
	g.Put(t, "app", "outer", outer)
	shown := manifestTool(t, "inspect", g.Host+"/app:outer")
	shown.WantCode(t, 0)
	wantLines(t, shown.Stdout,
		" * Contains 2 manifest references (2 images, 0 attestation):",
		"[1]   Digest: "+inner.Digest().String(),
		"[1]  Entries: 3 manifest references (3 images, 0 attestation):",
		"[1.2]   Digest: "+images[1].Image.Digest().String(),
		"[1.2]    -    Arch: arm64",
		"[2]   Digest: "+image.Digest().String(),
		"[2] # Layers: 1")

	g.DeleteManifest(t, "app", images[1].Image.Digest())
	shown = manifestTool(t, "inspect", "--raw", g.Host+"/app:outer")
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
	must(t, json.Unmarshal([]byte(shown.Stdout), &raw))
	nested := raw.Manifests[0].Manifests
	if raw.Manifests[0].Digest != inner.Digest() || len(nested) != 3 || !nested[1].Missing || nested[1].Digest != images[1].Image.Digest() || len(nested[2].Layers) != 3 {
		t.Errorf("--raw shows\n%s", shown.Stdout)
	}
}

// TestAnIndexSourceWithAMissingChild is refused before anything is written.
func TestAnIndexSourceWithAMissingChild(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	open.Put(t, "src/app", "all", newIndex(t, ociMedia(), images.Objects()...))
	open.DeleteManifest(t, "src/app", images[1].Image.Digest())
	g, seen := open.BehindProxy(t, nil)
	spec := specFile(t, g.Host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/src/app:all\n")
	done := manifestTool(t, "push", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, images[1].Image.Digest().String())
	seen.WantNoWrites(t)
	open.WantAbsent(t, "app", "all")
}
