package manifest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// built is an index as BuildKit writes it: image, attestation, image,
// attestation, and one of a subject that is not there.
func built(t *testing.T, repository string) (images, attestations []ocispec.Descriptor) {
	t.Helper()
	oci := ocispec.MediaTypeImageManifest
	a := on(image(t, repository+":a", oci, amd64), amd64)
	b := on(image(t, repository+":b", oci, armv7), armv7)
	at := attests(image(t, repository+":at", oci, ocispec.Platform{}), a)
	bt := attests(image(t, repository+":bt", oci, ocispec.Platform{}), b)
	stray := attests(image(t, repository+":ct", oci, ocispec.Platform{}), ocispec.Descriptor{Digest: "sha256:" + "00"})
	index(t, repository+":all", a, at, b, bt, stray)
	return []ocispec.Descriptor{a, b}, []ocispec.Descriptor{at, bt}
}

func digests(all ...[]ocispec.Descriptor) []string {
	var d []string
	for _, x := range slices.Concat(all...) {
		d = append(d, x.Digest.String())
	}
	return d
}

func TestIndexSourcesGiveTheirEntriesAndTheAttestationsOfThem(t *testing.T) {
	r := startRegistry(t)
	images, attestations := built(t, r.host+"/built")
	in := Spec{Image: r.host + "/app:1", Manifests: []Source{{Image: r.host + "/built:all"}}}
	for _, c := range []struct {
		name     string
		drop     bool
		want     []string
		warnings int
	}{
		{"kept behind the images, strays left out", false, digests(images, attestations), 1},
		{"dropped", true, digests(images), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, warnings, err := pushed(t, in, PushOptions{DropAttestations: c.drop})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, digests(got.Manifests)); diff != "" {
				t.Error(diff)
			}
			if len(warnings) != c.warnings {
				t.Errorf("warnings: %q", warnings)
			}
		})
	}
}

func TestNestedIndexesAreCopiedWithTheirChildren(t *testing.T) {
	from, to := startRegistry(t), startRegistry(t)
	a := on(image(t, from.host+"/src:a", ocispec.MediaTypeImageManifest, amd64), amd64)
	inner := index(t, from.host+"/src:inner", a)
	index(t, from.host+"/src:outer", on(inner, armv7))
	got, _, err := pushed(t, Spec{Image: to.host + "/app:1", Manifests: []Source{{Image: from.host + "/src:outer"}}}, PushOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(digests([]ocispec.Descriptor{inner}), digests(got.Manifests)); diff != "" {
		t.Error(diff)
	}
	target, _ := reference.Parse(to.host + "/app")
	s := newStore(t)
	s.Announce(target, false)
	for _, d := range []ocispec.Descriptor{a, inner} {
		if _, err := s.Get(context.Background(), target.WithDigest(d.Digest)); err != nil {
			t.Errorf("child %s: %v", d.Digest, err)
		}
	}
}

func TestIndexesNestedTooDeepAreRefused(t *testing.T) {
	from, to := startRegistry(t), startRegistry(t)
	d := on(image(t, from.host+"/src:a", ocispec.MediaTypeImageManifest, amd64), amd64)
	for range maxDepth + 1 {
		d = on(index(t, from.host+"/src:top", d), amd64)
	}
	to.forget()
	_, _, err := pushed(t, Spec{Image: to.host + "/app:1", Manifests: []Source{{Image: from.host + "/src:top"}}}, PushOptions{})
	if err == nil || !strings.Contains(err.Error(), "nested more than") {
		t.Errorf("error %v", err)
	}
	if w := to.writes(); len(w) > 0 {
		t.Errorf("it wrote %q", w)
	}
}

func TestEntriesWithoutAPlatformArePushedAsTheyAre(t *testing.T) {
	r := startRegistry(t)
	bare := image(t, r.host+"/app:a", ocispec.MediaTypeImageManifest, amd64)
	other := image(t, r.host+"/app:b", ocispec.MediaTypeImageManifest, armv7)
	index(t, r.host+"/app:all", bare, other)
	got, _, err := pushed(t, Spec{Image: r.host + "/app:1", Manifests: []Source{{Image: r.host + "/app:all"}}}, PushOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Manifests[0].Platform != nil || len(got.Manifests) != 2 {
		t.Errorf("entries: %v", got.Manifests)
	}
	_, _, err = pushed(t, Spec{Image: r.host + "/app:2", Manifests: []Source{{Image: r.host + "/app:all"}}}, PushOptions{Type: TypeDocker})
	var input *InputError
	if !errors.As(err, &input) || input.Hint == "" {
		t.Errorf("a Docker list without a platform: error %v", err)
	}
}

func TestInspectMarksMissingChildren(t *testing.T) {
	r := startRegistry(t)
	a := on(image(t, r.host+"/app:a", ocispec.MediaTypeImageManifest, amd64), amd64)
	b := on(image(t, r.host+"/app:b", ocispec.MediaTypeImageManifest, armv7), armv7)
	index(t, r.host+"/app:all", a, b)
	r.fail["GET /v2/app/manifests/"+b.Digest.String()] = 404
	got, err := Inspect(context.Background(), newStore(t), r.host+"/app:all", InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.MissingCount() != 1 || !got.Index.Entries[1].Missing || got.Index.Entries[0].Manifest == nil {
		t.Errorf("entries: %+v", got.Index.Entries)
	}
	r.fail["GET /v2/app/manifests/"+b.Digest.String()] = 403
	if _, err := Inspect(context.Background(), newStore(t), r.host+"/app:all", InspectOptions{}); !errors.Is(err, store.ErrDenied) {
		t.Errorf("a refused child is not missing: error %v", err)
	}
}

// TestAPlatformDeclaredForAnIndex is a contradiction unless all of its images
// are for it.
func TestAPlatformDeclaredForAnIndex(t *testing.T) {
	a, b := on(ocispec.Descriptor{Digest: "sha256:a"}, amd64), on(ocispec.Descriptor{Digest: "sha256:b"}, armv7)
	proof := attests(ocispec.Descriptor{Digest: "sha256:p"}, a)
	bare := ocispec.Descriptor{Digest: "sha256:c"}
	for name, c := range map[string]struct {
		declared            ocispec.Platform
		entries             []ocispec.Descriptor
		warnings, conflicts int
	}{
		"none declared":             {ocispec.Platform{}, []ocispec.Descriptor{a, b}, 0, 0},
		"an image with attestation": {amd64, []ocispec.Descriptor{a, proof}, 1, 0},
		"two images":                {amd64, []ocispec.Descriptor{a, b}, 0, 1},
		"one of no platform":        {amd64, []ocispec.Descriptor{a, bare}, 0, 1},
		"only an os":                {ocispec.Platform{OS: "linux"}, []ocispec.Descriptor{a, b}, 1, 0},
	} {
		g := &sourceResult{}
		g.compareEntries(Source{Image: "x:1", Platform: c.declared}, c.entries)
		if len(g.warnings) != c.warnings || len(g.conflicts) != c.conflicts {
			t.Errorf("%s: warnings %q, conflicts %q", name, g.warnings, g.conflicts)
		}
	}
}
