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
	image.platform = nil
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
	onceUnknown.platform, twiceUnknown.platform = unknown, unknown
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
			g.put(t, "odd/app", "all", index)
			shown := manifestTool(t, "inspect", g.host+"/odd/app:all")
			shown.wantCode(t, 0)
			wantLines(t, shown.stdout,
				"Digest: "+index.digest().String(),
				"[2]   Digest: "+one.digest().String(),
				"[2] # Layers: 1")

			spec := specFile(t, g.host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/odd/app:all\n")
			printed := manifestTool(t, "push", "from-spec", spec).pushed(t)
			wantEntries(t, wantComplete(t, repository{g, "app"}, printed), test.entries...)
		})
	}
}

// TestAnIndexInAnIndex shows the outer index with what the inner one lists, in
// each format, and which child of the inner one is gone.
func TestAnIndexInAnIndex(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	inner := newIndex(t, ociMedia(), images.images()...)
	image := newImage(t, ociMedia(), "plain", platform("linux/riscv64"), 1)
	outer := newIndex(t, ociMedia(), inner, image)
	g.put(t, "app", "outer", outer)
	shown := manifestTool(t, "inspect", g.host+"/app:outer")
	shown.wantCode(t, 0)
	wantLines(t, shown.stdout,
		" * Contains 2 manifest references (2 images, 0 attestation):",
		"[1]   Digest: "+inner.digest().String(),
		"[1]  Entries: 3 manifest references (3 images, 0 attestation):",
		"[1.2]   Digest: "+images[1].image.digest().String(),
		"[1.2]    -    Arch: arm64",
		"[2]   Digest: "+image.digest().String(),
		"[2] # Layers: 1")

	g.deleteManifest(t, "app", images[1].image.digest())
	shown = manifestTool(t, "inspect", "--raw", g.host+"/app:outer")
	shown.wantCode(t, 3)
	shown.wantStderr(t, "manifest-tool: 1 of 5 entries of "+g.host+"/app:outer are missing")
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
	must(t, json.Unmarshal([]byte(shown.stdout), &raw))
	nested := raw.Manifests[0].Manifests
	if raw.Manifests[0].Digest != inner.digest() || len(nested) != 3 || !nested[1].Missing || nested[1].Digest != images[1].image.digest() || len(nested[2].Layers) != 3 {
		t.Errorf("--raw shows\n%s", shown.stdout)
	}
}

// TestAnIndexSourceWithAMissingChild is refused before anything is written.
func TestAnIndexSourceWithAMissingChild(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	open.put(t, "src/app", "all", newIndex(t, ociMedia(), images.images()...))
	open.deleteManifest(t, "src/app", images[1].image.digest())
	g, seen := open.behind(t, nil)
	spec := specFile(t, g.host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/src/app:all\n")
	done := manifestTool(t, "push", "from-spec", spec)
	done.wantCode(t, 1)
	done.wantStderr(t, images[1].image.digest().String())
	seen.wantNoWrites(t)
	open.wantAbsent(t, "app", "all")
}
