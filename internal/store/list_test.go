package store

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

func TestTagsOfARepository(t *testing.T) {
	f, s := newFront(t, nil), newStore(t)
	for _, tag := range []string{"b", "a", "1.0"} {
		if err := s.Put(t.Context(), ref(t, s, f.host+"/app:"+tag, true), smallIndex("x")); err != nil {
			t.Fatal(err)
		}
	}
	f.forget()
	got, err := s.Tags(t.Context(), ref(t, s, f.host+"/app", false))
	slices.Sort(got)
	if diff := cmp.Diff([]string{"1.0", "a", "b"}, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	f.wantExactly(t, map[string]int{"GET /v2/app/tags/list?n=1000 OK": 1})
	if _, err := s.Tags(t.Context(), ref(t, s, f.host+"/none", false)); !errors.Is(err, ErrNotFound) {
		t.Errorf("a repository that is not there: %v", err)
	}
}

func TestAListThatIsNoneIsRefused(t *testing.T) {
	for _, body := range []string{"", "<html>", `[]`, `{"tags":"x"}`, `{"manifests":7,"tags":[1]}`} {
		f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(body))
			return true
		})
		s := newStore(t)
		at := ref(t, s, f.host+"/app", false)
		if _, err := s.Tags(t.Context(), at); !errors.Is(err, mediatype.ErrNotAManifest) {
			t.Errorf("tags of %q: %v", body, err)
		}
		if _, err := s.Referrers(t.Context(), at.WithDigest(smallIndex("x").Descriptor.Digest)); !errors.Is(err, mediatype.ErrNotAManifest) {
			t.Errorf("referrers of %q: %v", body, err)
		}
	}
}

// signature is an artifact that names a subject.
func signature(t *testing.T, subject ocispec.Descriptor) Document {
	t.Helper()
	raw, err := json.Marshal(ocispec.Manifest{
		MediaType: ocispec.MediaTypeImageManifest, ArtifactType: "application/x-signature",
		Config: ocispec.DescriptorEmptyJSON, Subject: &subject, Annotations: map[string]string{"by": "alice"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return objectOf(ocispec.MediaTypeImageManifest, string(raw))
}

func TestReferrersAreAskedForByListAndByTag(t *testing.T) {
	subject := smallIndex("subject")
	described := signature(t, subject.Descriptor).Descriptor
	described.ArtifactType = "application/x-signature"
	list, err := json.Marshal(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{described}})
	if err != nil {
		t.Fatal(err)
	}
	tag := "/v2/app/manifests/sha256-" + subject.Descriptor.Digest.Encoded()
	api := "/v2/app/referrers/" + subject.Descriptor.Digest.String()
	for _, tt := range []struct {
		name     string
		status   int // of the list
		tagged   string
		want     []ocispec.Descriptor
		requests int
	}{
		{"list", http.StatusOK, "", []ocispec.Descriptor{described}, 1},
		{"no list, a tag", http.StatusNotFound, string(list), []ocispec.Descriptor{described}, 2},
		{"a method not allowed, a tag", http.StatusMethodNotAllowed, string(list), []ocispec.Descriptor{described}, 2},
		{"neither", http.StatusNotFound, "", nil, 2},
		{"somebody else's tag", http.StatusNotFound, string(signature(t, subject.Descriptor).Raw), nil, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.URL.Path == api && tt.status == http.StatusOK:
					_, _ = w.Write(list)
				case r.URL.Path == api:
					w.WriteHeader(tt.status)
				case r.URL.Path == tag && tt.tagged != "":
					_, _ = w.Write([]byte(tt.tagged))
				default:
					w.WriteHeader(http.StatusNotFound)
				}
				return true
			})
			s := newStore(t)
			got, err := s.Referrers(t.Context(), ref(t, s, f.host+"/app", false).WithDigest(subject.Descriptor.Digest))
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
			if len(f.seen) != tt.requests {
				t.Errorf("requests: %q", f.seen)
			}
		})
	}
}

func TestARefusedListOfReferrersIsNotEmpty(t *testing.T) {
	f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	s := newStore(t)
	if _, err := s.Referrers(t.Context(), ref(t, s, f.host+"/app", false).WithDigest(smallIndex("x").Descriptor.Digest)); !errors.Is(err, ErrDenied) {
		t.Errorf("error %v", err)
	}
}

func TestALayoutListsItsTagsAndReferrers(t *testing.T) {
	dir, s := filepath.Join(t.TempDir(), "app"), newStore(t)
	at := ref(t, s, "oci-layout://"+dir, false)
	subject := smallIndex("subject")
	signed := signature(t, subject.Descriptor)
	other := signature(t, smallIndex("other").Descriptor)
	for tag, o := range map[string]Document{"1.0": subject, "sig": signed, "other": other} {
		if err := s.Put(t.Context(), at.WithTag(tag), o); err != nil {
			t.Fatal(err)
		}
	}
	tags, err := s.Tags(t.Context(), at)
	slices.Sort(tags)
	if diff := cmp.Diff([]string{"1.0", "other", "sig"}, tags); err != nil || diff != "" {
		t.Errorf("tags: %v\n%s", err, diff)
	}
	want := signed.Descriptor
	want.ArtifactType, want.Annotations = "application/x-signature", map[string]string{"by": "alice"}
	got, err := s.Referrers(t.Context(), at.WithDigest(subject.Descriptor.Digest))
	if diff := cmp.Diff([]ocispec.Descriptor{want}, got); err != nil || diff != "" {
		t.Errorf("referrers: %v\n%s", err, diff)
	}
	index := filepath.Join(dir, "index.json")
	large := make([]byte, transport.MaxManifest+1)
	if err := os.WriteFile(index, large, 0o600); err != nil {
		t.Fatal(err)
	}
	var tooLarge *transport.TooLargeError
	if _, err := s.Tags(t.Context(), at); !errors.As(err, &tooLarge) {
		t.Errorf("a large index.json: %v", err)
	}
	if _, err := s.Tags(t.Context(), ref(t, s, "oci-layout://"+dir+"-none", false)); err == nil {
		t.Error("a layout that is not there has tags")
	}
}
