package store

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

// serving is an answer to every GET of a manifest.
func serving(contentType, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		w.Header().Set("Content-Type", contentType)
		// What a header claims is not believed.
		w.Header().Set("Docker-Content-Digest", strings.TrimPrefix(r.URL.Path, "/v2/a/manifests/"))
		fmt.Fprint(w, body)
		return true
	}
}

func TestGetByTagAndByDigest(t *testing.T) {
	o := smallIndex("x")
	sha512 := digest.SHA512.FromBytes(o.Raw)
	tests := []struct {
		name string
		ref  func(reference.Ref) reference.Ref
		want digest.Digest
	}{
		{"tag", func(r reference.Ref) reference.Ref { return r }, o.Descriptor.Digest},
		{"digest", func(r reference.Ref) reference.Ref { return r.WithDigest(o.Descriptor.Digest) }, o.Descriptor.Digest},
		{"tag and digest", func(r reference.Ref) reference.Ref { r.Digest = o.Descriptor.Digest; return r }, o.Descriptor.Digest},
		{"sha512", func(r reference.Ref) reference.Ref { return r.WithDigest(sha512) }, sha512},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, f := newStore(t), newFront(t, serving(ociIndex, string(o.Raw)))
			r := tt.ref(ref(t, s, f.host+"/a:1", false))
			got, err := s.Get(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			want := o
			want.Descriptor.Digest = tt.want
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			asked := r.Digest.String()
			if asked == "" {
				asked = "1"
			}
			f.wantExactly(t, map[string]int{"GET /v2/a/manifests/" + asked + " OK": 1})
		})
	}
}

func TestGetRefusesWhatWasNotAskedFor(t *testing.T) {
	o := smallIndex("x")
	tests := []struct {
		name, contentType, body string
	}{
		{"other bytes", ociIndex, string(smallIndex("other").Raw)},
		// ggcr takes the header's digest for such a document.
		{"other bytes called schema 1", dockerSigned, string(smallIndex("other").Raw)},
		{"one byte more", ociIndex, string(o.Raw) + "\n"},
		{"nothing", ociIndex, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, f := newStore(t), newFront(t, serving(tt.contentType, tt.body))
			got, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false).WithDigest(o.Descriptor.Digest))
			if err == nil || got.Raw != nil {
				t.Errorf("got %q, %v", got.Raw, err)
			}
		})
	}
}

func TestGetByTagRefusesWhatIsNoManifest(t *testing.T) {
	tests := []struct {
		name, contentType, body string
		want                    error
	}{
		{"a login page", "text/html", "<html>Log in</html>", mediatype.ErrNotAManifest},
		{"a document with two meanings", ociIndex, `{"manifests":[],"layers":[]}`, mediatype.ErrNotAManifest},
		{"schema 1", dockerSchema1, schema1, mediatype.ErrSchema1},
		{"schema 1, signed", dockerSigned, schema1, mediatype.ErrSchema1},
		{"schema 1, by a registry that does not tell", "application/json", schema1, mediatype.ErrSchema1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, f := newStore(t), newFront(t, serving(tt.contentType, tt.body))
			if got, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false)); !errors.Is(err, tt.want) || got.Raw != nil {
				t.Errorf("got %q, %v, want %v", got.Raw, err, tt.want)
			}
		})
	}
	t.Run("schema 1 whose digest is not that of its bytes", func(t *testing.T) {
		for _, strict := range []bool{false, true} {
			var said []string
			s := newStoreWith(t, transport.Options{Strict: strict, Warn: func(m string) { said = append(said, m) }})
			f := newFront(t, claiming(dockerSigned, schema1, smallIndex("x").Descriptor.Digest))
			at := ref(t, s, f.host+"/a:1", false)
			for _, at := range []reference.Ref{at, at.WithDigest(smallIndex("x").Descriptor.Digest)} {
				if got, err := s.Get(t.Context(), at); !errors.Is(err, mediatype.ErrSchema1) || got.Raw != nil || len(said) > 0 {
					t.Errorf("%s, strict %v: got %q, %v; warnings %q", at, strict, got.Raw, err, said)
				}
			}
		}
	})
	t.Run("more than a manifest may have", func(t *testing.T) {
		s, f := newStore(t), newFront(t, serving(ociIndex, strings.Repeat(" ", transport.MaxManifest)+"{}"))
		_, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false))
		var large *transport.TooLargeError
		if !errors.As(err, &large) {
			t.Errorf("error %v", err)
		}
	})
}

func TestAnswersHaveTheirClass(t *testing.T) {
	tests := []struct {
		status                         int
		notFound, unauthorized, denied bool
	}{
		{404, true, false, false},
		{401, false, true, false},
		{403, false, false, true},
		{400, false, false, false},
		{405, false, false, false},
		{410, false, false, false},
		{429, false, false, false},
		{500, false, false, false},
		{503, false, false, false},
	}
	for _, tt := range tests {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			s := newStore(t)
			f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "86400") // longer than anybody waits
				w.WriteHeader(tt.status)
				fmt.Fprint(w, `{"errors":[{"code":"DENIED","message":"the registry's own words","detail":[{"Name":"a","Action":"pull"}]}]}`)
				return true
			})
			r := ref(t, s, f.host+"/a:1", true)
			_, getErr := s.Get(t.Context(), r)
			_, blobErr := s.ReadBlob(t.Context(), r, descriptorOf("", []byte("blob")))
			for what, err := range map[string]error{"manifest": getErr, "blob": blobErr} {
				if err == nil || errors.Is(err, ErrNotFound) != tt.notFound || strings.Contains(err.Error(), "map[") {
					t.Errorf("%s: %v, not found: want %v", what, err, tt.notFound)
				}
				wantClass(t, err, tt.unauthorized, tt.denied)
			}
			// A write that is answered 404 is not welcome; nothing was missing.
			putErr := s.Put(t.Context(), r, smallIndex("x"))
			if putErr == nil || errors.Is(putErr, ErrNotFound) || !strings.Contains(putErr.Error(), "the registry's own words; Action: pull, Name: a") {
				t.Errorf("put: %v", putErr)
			}
			wantClass(t, putErr, tt.unauthorized, tt.denied)
		})
	}
}

func wantClass(t *testing.T, err error, unauthorized, denied bool) {
	t.Helper()
	if errors.Is(err, ErrUnauthorized) != unauthorized || errors.Is(err, ErrDenied) != denied {
		t.Errorf("%v: want unauthorized %v, denied %v", err, unauthorized, denied)
	}
}

// TestADigestThatIsNoneIsNotAskedFor is about entries of hostile indexes, whose
// digests become part of paths.
func TestADigestThatIsNoneIsNotAskedFor(t *testing.T) {
	s, f := newStore(t), newFront(t, nil)
	dir := "oci-layout://" + t.TempDir()
	for _, bad := range []digest.Digest{"../../../admin", "x", "sha256:..", "sha256:", "md5:d41d8cd98f00b204e9800998ecf8427e"} {
		for _, place := range []string{f.host + "/a:1", dir + ":1"} {
			r := ref(t, s, place, true)
			_, getErr := s.Get(t.Context(), r.WithDigest(bad))
			desc := descriptorOf("", []byte("blob"))
			desc.Digest = bad
			_, blobErr := s.ReadBlob(t.Context(), r, desc)
			putErr := s.Put(t.Context(), r.WithDigest(bad), smallIndex("x"))
			if getErr == nil || blobErr == nil || putErr == nil {
				t.Errorf("%s at %s: get %v, blob %v, put %v", bad, place, getErr, blobErr, putErr)
			}
		}
	}
	f.wantExactly(t, map[string]int{})
}
