package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
)

// layoutOf writes a layout with an index.json of entries, given as text in which
// {A} is the descriptor of the document A without its closing brace.
func layoutOf(t *testing.T, s *Store, docs map[string]Document, entries ...string) reference.Ref {
	t.Helper()
	r := ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "layout"), true)
	for name, o := range docs {
		if err := s.Put(t.Context(), r.WithDigest(o.Descriptor.Digest), o); err != nil {
			t.Fatal(err)
		}
		head := fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d`, o.Descriptor.MediaType, o.Descriptor.Digest, o.Descriptor.Size)
		for i := range entries {
			entries[i] = strings.ReplaceAll(entries[i], "{"+name+"}", head)
		}
	}
	write(t, filepath.Join(r.Path, "index.json"), `{"schemaVersion":2,"x-other":{"a":1},"manifests":[`+strings.Join(entries, ",")+`]}`)
	return r
}

const (
	onAMD64   = `,"platform":{"os":"linux","architecture":"amd64"}`
	onARM64   = `,"platform":{"os":"linux","architecture":"arm64"}`
	onARM64v8 = `,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}`
)

func tagged(name string) string {
	return fmt.Sprintf(`,"annotations":{"org.opencontainers.image.ref.name":%q}`, name)
}

func named(tag, name string) string {
	return fmt.Sprintf(`,"annotations":{"io.containerd.image.name":%q,"org.opencontainers.image.ref.name":%q}`, name, tag)
}

// TestALayoutAlone selects by what index.json holds. The shapes are those that
// skopeo, oras, regctl, BuildKit, crane, ko and docker save write.
func TestALayoutAlone(t *testing.T) {
	a, b := smallIndex("a"), smallIndex("b")
	parent := objectOf(ocispec.MediaTypeImageIndex, `{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageIndex+`","manifests":[{"mediaType":"`+
		ocispec.MediaTypeImageIndex+`","digest":"`+a.Descriptor.Digest.String()+`","size":1},{"digest":"`+b.Descriptor.Digest.String()+`","size":1}]}`)
	about := objectOf(ocispec.MediaTypeImageManifest, `{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageManifest+
		`","config":{},"layers":[],"subject":{"digest":"`+a.Descriptor.Digest.String()+`","size":1}}`)
	docs := map[string]Document{"A": a, "B": b, "P": parent, "S": about}
	const attestation = `,"annotations":{"vnd.docker.reference.type":"attestation-manifest"}}`
	tests := []struct {
		name    string
		entries []string
		want    string // a document, "index.json", "ambiguous" or "none"
	}{
		{"one, untagged", []string{"{A}}"}, "A"},
		{"one, tagged", []string{"{A}" + tagged("x") + "}"}, "A"},
		{"one with a full name", []string{"{A}" + named("1", "docker.io/library/app:1") + "}"}, "A"},
		{"one digest under several tags", []string{"{A}" + tagged("x") + "}", "{A}" + tagged("y") + "}", "{A}}"}, "A"},
		{"two, untagged", []string{"{A}}", "{B}}"}, "ambiguous"},
		{"two, tagged", []string{"{A}" + tagged("x") + "}", "{B}" + tagged("y") + "}"}, "ambiguous"},
		{"one tagged, one not", []string{"{A}" + tagged("x") + "}", "{B}}"}, "ambiguous"},
		{"an entry for each platform", []string{"{A}" + onAMD64 + "}", "{B}" + onARM64 + "}"}, "index.json"},
		{"an entry for each platform, one tagged", []string{"{A}" + onAMD64 + "}", "{B}" + onARM64 + tagged("x") + "}"}, "ambiguous"},
		{"two entries for a platform", []string{"{A}" + onARM64 + "}", "{B}" + onARM64v8 + "}"}, "ambiguous"},
		{"a platform only for some", []string{"{A}" + onAMD64 + "}", "{B}}"}, "ambiguous"},
		{"half a platform", []string{"{A}" + onAMD64 + "}", `{B},"platform":{"os":"linux"}}`}, "ambiguous"},
		{"a platform and its attestation", []string{"{A}" + onAMD64 + "}", "{B}" + attestation}, "index.json"},
		{"an image and its attestation", []string{"{A}}", "{B}" + attestation}, "A"},
		{"an image and an untagged artifact", []string{"{A}" + tagged("x") + "}", `{B},"artifactType":"a/b"}`}, "A"},
		{"an image and a tagged artifact", []string{"{A}" + tagged("x") + "}", `{B},"artifactType":"a/b"` + tagged("y") + "}"}, "ambiguous"},
		{"images whose artifactType is that of a config", []string{"{A}" + tagged("x") + "}", `{B},"artifactType":"application/vnd.oci.image.config.v1+json"}`}, "ambiguous"},
		{"an artifact", []string{`{B},"artifactType":"a/b"}`}, "B"},
		{"an image and its referrers tag", []string{"{A}" + tagged("x") + "}", "{B}" + tagged("sha256-"+a.Descriptor.Digest.Encoded()) + "}"}, "A"},
		{"an image and its signature", []string{"{A}" + tagged("x") + "}", "{B}" + tagged("sha256-"+a.Descriptor.Digest.Encoded()+".sig") + "}"}, "A"},
		{"an index and its children", []string{"{A}" + onAMD64 + "}", "{B}" + onARM64 + "}", "{P}}"}, "P"},
		{"a tagged index and its children", []string{"{P}" + tagged("x") + "}", "{A}" + onAMD64 + "}", "{B}}"}, "P"},
		{"an index and a tagged child", []string{"{P}}", "{A}" + tagged("x") + "}", "{B}}"}, "ambiguous"},
		{"a subject and an untagged referrer", []string{"{A}}", "{S}}"}, "A"},
		{"nothing", nil, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			r := layoutOf(t, s, docs, tt.entries...)
			got, err := s.Get(t.Context(), r)
			var ambiguous *AmbiguousError
			switch tt.want {
			case "ambiguous":
				if !errors.As(err, &ambiguous) || errors.Is(err, ErrNotFound) || errtext.ExitCode(err) != 2 || errtext.Hint(err) == "" {
					t.Errorf("got %s, %v", got.Raw, err)
				}
				for _, image := range ambiguous.Images {
					if !strings.Contains(err.Error(), image) {
						t.Errorf("%v does not list %s", err, image)
					}
				}
			case "none":
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("got %s, %v", got.Raw, err)
				}
			case "index.json":
				raw, _ := os.ReadFile(filepath.Join(r.Path, "index.json"))
				if err != nil || string(got.Raw) != string(raw) || got.Descriptor.MediaType != ocispec.MediaTypeImageIndex {
					t.Errorf("got %s, %v", got.Raw, err)
				}
			default:
				if err != nil || got.Descriptor.Digest != docs[tt.want].Descriptor.Digest {
					t.Errorf("got %s, %v", got.Raw, err)
				}
			}
		})
	}
}

func TestNamesOfALayout(t *testing.T) {
	a, b := smallIndex("a"), smallIndex("b")
	docs := map[string]Document{"A": a, "B": b}
	tests := []struct {
		name    string
		entries []string
		ref     string // what follows the directory
		want    string // a document, or part of the error
	}{
		{
			"tags that docker save writes",
			[]string{"{A}" + named("latest", "docker.io/library/app:latest") + "}", "{B}" + named("latest", "docker.io/library/db:latest") + "}"},
			":latest",
			"2 images have this name: " + a.Descriptor.Digest.String() + " (docker.io/library/app:latest), " + b.Descriptor.Digest.String() + " (docker.io/library/db:latest)",
		},
		{"a full name", []string{"{A}" + named("latest", "docker.io/library/app:latest") + "}", "{B}" + named("latest", "docker.io/library/db:latest") + "}"}, ":docker.io/library/db:latest", "B"},
		{"a full name in ref.name", []string{"{A}" + tagged("docker.io/library/app:latest") + "}", "{B}" + tagged("ghcr.io/x/db:latest") + "}"}, ":ghcr.io/x/db:latest", "B"},
		{"a short name in ref.name", []string{"{A}" + tagged("app:latest") + "}", "{B}" + tagged("db:latest") + "}"}, ":docker.io/library/app:latest", "A"},
		{"the tag of two full names", []string{"{A}" + tagged("docker.io/library/app:latest") + "}", "{B}" + tagged("ghcr.io/x/db:latest") + "}"}, ":latest", "2 images have this name"},
		{"the tag of one full name", []string{"{A}" + tagged("docker.io/library/app:1") + "}", "{B}" + tagged("ghcr.io/x/db:2") + "}"}, ":2", "B"},
		{"the tag of a full name without ref.name", []string{`{A},"annotations":{"io.containerd.image.name":"docker.io/library/app:1"}}`, "{B}}"}, ":1", "A"},
		{"one image under a tag twice", []string{"{A}" + tagged("1") + "}", "{A}" + tagged("1") + onAMD64 + "}"}, ":1", "A"},
		{
			"another tag",
			[]string{"{A}" + tagged("1") + "}", "{B}" + onAMD64 + "}"},
			":2",
			"not found: the layout has " + a.Descriptor.Digest.String() + " (1), " + b.Descriptor.Digest.String() + " (untagged, linux/amd64)",
		},
		{"another name", []string{"{A}" + tagged("1") + "}"}, ":ghcr.io/x/db:1", "not found: the layout has " + a.Descriptor.Digest.String() + " (1)"},
		{"an empty layout", nil, ":1", "not found: the layout has no images"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			r := layoutOf(t, s, docs, tt.entries...)
			got, err := s.Get(t.Context(), ref(t, s, "oci-layout://"+r.Path+tt.ref, false))
			want, found := docs[tt.want]
			switch {
			case found && (err != nil || got.Descriptor.Digest != want.Descriptor.Digest):
				t.Errorf("got %s, %v", got.Raw, err)
			case !found && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %s, %v, want %s", got.Raw, err, tt.want)
			}
		})
	}
}

func TestADefaultTagOfALayout(t *testing.T) {
	a, b := smallIndex("a"), smallIndex("b")
	docs := map[string]Document{"A": a, "B": b}
	for _, tt := range []struct {
		entries []string
		want    digest.Digest
	}{
		{[]string{"{A}}"}, a.Descriptor.Digest},
		{[]string{"{A}" + tagged("1") + "}", "{B}" + tagged("latest") + "}"}, b.Descriptor.Digest},
		{[]string{"{A}" + tagged("1") + "}", "{B}" + tagged("2") + "}"}, ""},
	} {
		s := newStore(t)
		r := layoutOf(t, s, docs, tt.entries...)
		r.DefaultTag = "latest"
		if got, err := s.Get(t.Context(), r); got.Descriptor.Digest != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%v: got %s, %v", tt.entries, got.Raw, err)
		}
	}
}

// TestATagIsWrittenBetweenOthers compares the text of index.json: what other tools
// wrote is kept.
func TestATagIsWrittenBetweenOthers(t *testing.T) {
	a, b, c := smallIndex("a"), smallIndex("b"), smallIndex("c")
	docs := map[string]Document{"A": a, "B": b}
	tests := []struct {
		name          string
		before, after []string
	}{
		{"an untagged one", []string{`{A},"x":[1.50]}`}, []string{`{A},"x":[1.50]}`, "NEW"}},
		{"another tag", []string{"{A}" + tagged("2") + "}"}, []string{"{A}" + tagged("2") + "}", "NEW"}},
		{"the tag", []string{"{A}" + tagged("1") + onAMD64 + "}"}, []string{"{A}" + onAMD64 + "}", "NEW"}},
		{"the tag and other fields", []string{`{A},"annotations":{"k":"v","org.opencontainers.image.ref.name":"1"},"x":{}}`}, []string{`{A},"annotations":{"k":"v"},"x":{}}`, "NEW"}},
		{"the tag and another tag of one image", []string{"{A}" + tagged("1") + "}", "{A}" + tagged("2") + "}"}, []string{"{A}" + tagged("2") + "}", "NEW"}},
		{"the tag with its full name", []string{"{A}" + named("1", "docker.io/library/app:1") + "}"}, []string{"{A}}", "NEW"}},
		{
			"the tag of two images",
			[]string{"{A}" + named("1", "docker.io/library/app:1") + "}", "{B}" + named("1", "docker.io/library/db:1") + "}"},
			[]string{`{A},"annotations":{"io.containerd.image.name":"docker.io/library/app:1"}}`, `{B},"annotations":{"io.containerd.image.name":"docker.io/library/db:1"}}`, "NEW"},
		},
		{"full names", []string{"{A}" + tagged("docker.io/library/app:1") + "}"}, []string{"{A}" + tagged("docker.io/library/app:1") + "}", "NEW"}},
		{"the tag twice on one image", []string{"{A}" + tagged("1") + "}", "{A}" + tagged("1") + "}"}, []string{"{A}}", "{A}}", "NEW"}},
		{"a key in another letter case", []string{`{A},"Annotations":{"org.opencontainers.image.ref.name":"1"}}`}, []string{"{A}}", "NEW"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			want := layoutOf(t, s, map[string]Document{"A": a, "B": b, "NEW": c}, append([]string{}, tt.after...)...)
			r := layoutOf(t, s, docs, tt.before...)
			if err := s.Put(t.Context(), r.WithTag("1"), c); err != nil {
				t.Fatal(err)
			}
			wanted, _ := os.ReadFile(filepath.Join(want.Path, "index.json"))
			head := fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d`, c.Descriptor.MediaType, c.Descriptor.Digest, c.Descriptor.Size)
			text := strings.Replace(string(wanted), "NEW", head+tagged("1")+"}", 1)
			text = strings.Replace(text, `"x-other":{"a":1},`, "", 1)
			text = strings.TrimSuffix(text, "}") + `,"x-other":{"a":1}}`
			got, _ := os.ReadFile(filepath.Join(r.Path, "index.json"))
			if diff := cmp.Diff(text, string(got)); diff != "" {
				t.Errorf("index.json (-want +got):\n%s", diff)
			}
			if o, err := s.Get(t.Context(), r.WithTag("1")); err != nil || o.Descriptor.Digest != c.Descriptor.Digest {
				t.Errorf("the tag is %s, %v", o.Raw, err)
			}
		})
	}
}

func TestUntaggedEntriesOfALayout(t *testing.T) {
	a, b, c := smallIndex("a"), smallIndex("b"), smallIndex("c")
	s := newStore(t)
	r := layoutOf(t, s, map[string]Document{"A": a, "B": b, "C": c}, "{A}}", "{B}"+named("1", "docker.io/library/app:1")+"}", "{A}}", "{C}}", "{C}"+tagged("ghcr.io/x/y:2")+"}")
	tags, err := s.Tags(t.Context(), r)
	if diff := cmp.Diff([]string{"1", "2"}, tags); err != nil || diff != "" {
		t.Errorf("tags: %v\n%s", err, diff)
	}
	untagged, err := s.Untagged(t.Context(), r)
	if diff := cmp.Diff([]digest.Digest{a.Descriptor.Digest}, untagged); err != nil || diff != "" {
		t.Errorf("untagged: %v\n%s", err, diff)
	}
}

// TestManyImagesOfALayout lists a few of many images, and stops reading when its
// context ends.
func TestManyImagesOfALayout(t *testing.T) {
	a, b := smallIndex("a"), smallIndex("b")
	entries := []string{"{A}" + tagged("1") + "}", "{B}}", "{A}" + tagged("2") + "}"}
	for i := range 20_000 {
		entries = append(entries, fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":1}`, a.Descriptor.MediaType, digest.FromString(fmt.Sprint(i))))
	}
	s := newStore(t)
	r := layoutOf(t, s, map[string]Document{"A": a, "B": b}, entries...)
	want := "the layout has " + a.Descriptor.Digest.String() + " (1, 2), " + b.Descriptor.Digest.String() + " (untagged), "
	_, err := s.Get(t.Context(), r.WithTag("none"))
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), " (untagged), and 19992 more") {
		t.Errorf("%v, want %s", err, want)
	}
	if untagged, err := s.Untagged(t.Context(), r); err != nil || len(untagged) != 20_001 {
		t.Errorf("%d untagged, %v", len(untagged), err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := errors.New("ended")
	cancel(ended)
	if _, err := s.Get(ctx, r); !errors.Is(err, ended) {
		t.Errorf("an ended context: %v", err)
	}
	if _, err := s.Referrers(ctx, r.WithDigest(a.Descriptor.Digest)); !errors.Is(err, ended) {
		t.Errorf("referrers in an ended context: %v", err)
	}
}
