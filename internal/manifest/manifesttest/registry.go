package manifesttest

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// registry is an in-memory registry that remembers what was written to it.
type Registry struct {
	Host string
	mu   sync.Mutex
	Log  []string
	Fail map[string]int // "METHOD path" -> status
	// answer, when set, reports whether it answered in the registry's place.
	Answer func(w http.ResponseWriter, req *http.Request) bool
}

func StartRegistry(t *testing.T) *Registry {
	t.Helper()
	r := &Registry{Fail: map[string]int{}}
	inMemory := ggcr.New(ggcr.Logger(log.New(discard{}, "", 0)))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		what := req.Method + " " + req.URL.Path
		r.mu.Lock()
		r.Log = append(r.Log, what)
		status, answer := r.Fail[what], r.Answer
		r.mu.Unlock()
		if answer != nil && answer(w, req) {
			return
		}
		if status != 0 {
			w.WriteHeader(status)
			return
		}
		inMemory.ServeHTTP(w, req)
	}))
	t.Cleanup(srv.Close)
	r.Host = strings.TrimPrefix(srv.URL, "http://")
	return r
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// writes returns the requests that changed something, since the last forget.
func (r *Registry) Writes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var w []string
	for _, what := range r.Log {
		if !strings.HasPrefix(what, "GET ") && !strings.HasPrefix(what, "HEAD ") {
			w = append(w, what)
		}
	}
	slices.Sort(w)
	return w
}

func (r *Registry) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Log = nil
}

func NewStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.New(store.Options{Wire: transport.Options{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// image puts an image of one layer under a reference and returns its
// descriptor.
func PutImage(t *testing.T, ref, mediaType string, p ocispec.Platform) ocispec.Descriptor {
	t.Helper()
	to, err := reference.Parse(ref)
	if err != nil {
		t.Fatal(err)
	}
	s := NewStore(t)
	s.Announce(to, true)
	config := EncodeJSON(t, ocispec.Image{Platform: p})
	layer := []byte("layer of " + to.Tag + fmt.Sprint(p))
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: mediaType,
		Config: PutBlob(t, s, to, ocispec.MediaTypeImageConfig, config),
		Layers: []ocispec.Descriptor{PutBlob(t, s, to, ocispec.MediaTypeImageLayerGzip, layer)},
	}
	return PutManifest(t, s, to, mediaType, EncodeJSON(t, m))
}

// addBlob brings a blob into a repository by way of a layout.
func PutBlob(t *testing.T, s *store.Store, to reference.Ref, mediaType string, raw []byte) ocispec.Descriptor {
	t.Helper()
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
	from, err := reference.Parse("oci-layout://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// A layout stores any bytes as a blob under their digest.
	if err := s.Put(context.Background(), from.WithDigest(d.Digest), store.Document{Descriptor: d, Raw: raw}); err != nil {
		t.Fatal(err)
	}
	if err := s.CopyBlob(context.Background(), from, to, d, store.CopyHints{Content: raw}); err != nil {
		t.Fatal(err)
	}
	return d
}

func PutManifest(t *testing.T, s *store.Store, to reference.Ref, mediaType string, raw []byte) ocispec.Descriptor {
	t.Helper()
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
	s.Announce(to, true)
	if err := s.Put(context.Background(), to, store.Document{Descriptor: d, Raw: raw}); err != nil {
		t.Fatal(err)
	}
	return d
}

func EncodeJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// spoil sets what answers in the registry's place from now on.
func (r *Registry) Spoil(answer func(w http.ResponseWriter, req *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Answer = answer
}

// times returns how often a request was seen since the last forget.
func (r *Registry) Times(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, seen := range r.Log {
		if seen == what {
			n++
		}
	}
	return n
}

// wantUntouched holds that nothing was written to a registry.
func (r *Registry) WantUntouched(t *testing.T) {
	t.Helper()
	if w := r.Writes(); len(w) > 0 {
		t.Errorf("it wrote %q", w)
	}
}
