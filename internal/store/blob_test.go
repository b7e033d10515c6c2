package store

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/transport"
)

func TestABlobIsReadAndVerified(t *testing.T) {
	s, f := newStore(t), newFront(t, nil)
	desc := f.putBlob(t, "a", "config")
	f.forget()
	got, err := s.ReadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), desc)
	if err != nil || string(got) != "config" {
		t.Errorf("got %q, %v", got, err)
	}
	f.wantExactly(t, map[string]int{"GET /v2/a/blobs/" + desc.Digest.String() + " OK": 1})
}

func TestABlobThatIsNotAsDescribed(t *testing.T) {
	full := descriptorOf("", []byte("config"))
	with := func(change func(*ocispec.Descriptor)) ocispec.Descriptor {
		d := full
		change(&d)
		return d
	}
	tests := []struct {
		name, body string
		desc       ocispec.Descriptor
	}{
		{"other bytes", "confid", full},
		{"shorter", "conf", full},
		{"longer", "config and more", full},
		{"empty", "", full},
		{"a size that is too small", "config", with(func(d *ocispec.Descriptor) { d.Size = 3 })},
		{"a size that is too large", "config", with(func(d *ocispec.Descriptor) { d.Size = 300 })},
		{"a size of none", "config", with(func(d *ocispec.Descriptor) { d.Size = 0 })},
		{"the digest of something else", "config", with(func(d *ocispec.Descriptor) { d.Digest = digest.FromString("x") })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
				fmt.Fprint(w, tt.body)
				return true
			})
			if got, err := s.ReadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), tt.desc); err == nil || got != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestFault35SizeBeyondReasonIsRefusedUnasked(t *testing.T) {
	s, f := newStore(t), newFront(t, nil)
	desc := descriptorOf("", []byte("config"))
	for _, size := range []int64{-1, transport.MaxManifest + 1, 1 << 40} {
		desc.Size = size
		if got, err := s.ReadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), desc); err == nil {
			t.Errorf("size %d: got %d bytes", size, len(got))
		}
	}
	f.wantExactly(t, map[string]int{})
}

func TestTheLargestConfigIsRead(t *testing.T) {
	s, f := newStore(t), newFront(t, nil)
	desc := f.putBlob(t, "a", strings.Repeat("x", transport.MaxManifest))
	got, err := s.ReadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), desc)
	if err != nil || len(got) != transport.MaxManifest {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// closing reports whether a response was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestAnAnswerThatIsAnErrorIsClosed(t *testing.T) {
	body := &closing{Reader: strings.NewReader("no")}
	s := newStoreWith(t, transport.Options{Base: oneHost{t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: body}, nil
	}}})
	_, err := s.ReadBlob(t.Context(), ref(t, s, "registry.example/a:1", false), descriptorOf("", []byte("config")))
	if !errors.Is(err, ErrDenied) || !body.closed {
		t.Errorf("error %v, closed: %v", err, body.closed)
	}
}

// slowly hands out one byte at a time, its end together with the last one.
type slowly struct{ rest string }

func (s *slowly) Read(p []byte) (int, error) {
	if s.rest == "" {
		return 0, io.EOF
	}
	p[0], s.rest = s.rest[0], s.rest[1:]
	if s.rest == "" {
		return 1, io.EOF
	}
	return 1, nil
}

func TestVerifyWhereverTheEndIs(t *testing.T) {
	tests := []struct {
		name, body string
		ok         bool
		want       error
	}{
		{"as described", "config", true, nil},
		{"short", "confi", false, io.ErrUnexpectedEOF},
		{"long", "config!", false, nil},
		{"other bytes", "confid", false, nil},
	}
	for _, tt := range tests {
		for how, body := range map[string]io.Reader{"at once": strings.NewReader(tt.body), "byte by byte": &slowly{tt.body}} {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				checked, err := verify(io.NopCloser(body), descriptorOf("", []byte("config")))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(checked)
				if (err == nil) != tt.ok || tt.want != nil && !errors.Is(err, tt.want) || len(got) > len("config") {
					t.Errorf("got %q, %v", got, err)
				}
			})
		}
	}
}

// TestErrorsKeepASecret is about errors of net/http, which show a URL.
func TestErrorsKeepASecret(t *testing.T) {
	s := newStore(t)
	f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Location", "http://127.0.0.1:1/storage?X-Amz-Signature=SECRET&_state=SECRET")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
		} else {
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
		return true
	})
	r := ref(t, s, f.host+"/a:1", true)
	desc := descriptorOf("", []byte("config"))
	from := ref(t, s, "oci-layout://"+t.TempDir()+":1", true)
	if err := s.Put(t.Context(), from, objectOf("", "config")); err != nil {
		t.Fatal(err)
	}
	_, getErr := s.Get(t.Context(), r)
	_, blobErr := s.ReadBlob(t.Context(), r, desc)
	for what, err := range map[string]error{
		"get": getErr, "blob": blobErr, "put": s.Put(t.Context(), r, smallIndex("x")), "copy": s.CopyBlob(t.Context(), from, r, desc, CopyHints{}),
	} {
		if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "127.0.0.1:1/storage") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
