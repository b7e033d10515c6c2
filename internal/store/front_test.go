package store

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	memory "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

const (
	ociIndex     = string(types.OCIImageIndex)
	ociImage     = string(types.OCIManifestSchema1)
	dockerList   = string(types.DockerManifestList)
	dockerImage  = string(types.DockerManifestSchema2)
	dockerSigned = string(types.DockerManifestSchema1Signed)

	dockerSchema1 = string(types.DockerManifestSchema1)
	schema1       = `{"schemaVersion":1,"name":"a","fsLayers":[],"history":[]}`
)

// front is a registry in memory behind a handler that may answer in its place
// and that notes each request as method, path, query, status.
type front struct {
	host string
	// answer reports whether it answered; nil leaves all to the registry.
	answer func(w http.ResponseWriter, r *http.Request) bool

	mu   sync.Mutex
	seen []string
	busy int // requests that are being answered
}

var uploadID = regexp.MustCompile(`/blobs/uploads/[^/?]+`)

func newFront(t *testing.T, answer func(w http.ResponseWriter, r *http.Request) bool) *front {
	t.Helper()
	f := &front{answer: answer}
	behind := memory.New(memory.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.busy++
		f.mu.Unlock()
		noted := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		if f.answer == nil || !f.answer(noted, r) {
			behind.ServeHTTP(noted, r)
		}
		line := r.Method + " " + uploadID.ReplaceAllString(r.URL.String(), "/blobs/uploads/ID")
		f.mu.Lock()
		defer f.mu.Unlock()
		f.seen = append(f.seen, line+" "+http.StatusText(noted.status))
		f.busy--
	}))
	t.Cleanup(server.Close)
	f.host = server.Listener.Addr().String()
	return f
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a handler flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// forget empties the notes, so that a test sees its own requests only.
func (f *front) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = nil
}

// count returns how often each request was seen.
func (f *front) count() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	times := map[string]int{}
	for _, line := range f.seen {
		times[line]++
	}
	return times
}

// wantExactly compares what was seen. A client that gives up an answer is done
// before its server is, so those are waited for that are still at it, ten
// seconds at most.
func (f *front) wantExactly(t *testing.T, want map[string]int) {
	t.Helper()
	for range 1000 {
		f.mu.Lock()
		busy := f.busy
		f.mu.Unlock()
		if busy == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if diff := cmp.Diff(want, f.count()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// newStore returns a store without credentials on the real network.
func newStore(t *testing.T) *Store {
	t.Helper()
	return newStoreWith(t, transport.Options{})
}

func newStoreWith(t *testing.T, o transport.Options) *Store {
	t.Helper()
	s, err := New(Options{Transport: o})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ref parses a reference and announces it to the store.
func ref(t *testing.T, s *Store, text string, write bool) reference.Ref {
	t.Helper()
	r, err := reference.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s.Announce(r, write)
	return r
}

// keys are the credentials of registries by name; the others are anonymous.
type keys map[string]authn.AuthConfig

func (k keys) Credential(_ context.Context, registry, _ string) (authn.AuthConfig, error) {
	return k[registry], nil
}

func (keys) Namespace(string, string) string { return "" }

// descriptorOf describes bytes.
func descriptorOf(kind string, raw []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: kind, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
}

func objectOf(kind, raw string) Document {
	return Document{Descriptor: descriptorOf(kind, []byte(raw)), Raw: []byte(raw)}
}

// smallIndex is an index without entries, distinguished by an annotation.
func smallIndex(note string) Document {
	return objectOf(ocispec.MediaTypeImageIndex,
		`{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageIndex+`","manifests":[],"annotations":{"note":"`+note+`"}}`)
}

// putBlob stores a blob in a repository of the registry and returns its
// descriptor.
func (f *front) putBlob(t *testing.T, repository, content string) ocispec.Descriptor {
	t.Helper()
	desc := descriptorOf("application/octet-stream", []byte(content))
	url := "http://" + f.host + "/v2/" + repository + "/blobs/uploads/?digest=" + desc.Digest.String()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("storing a blob: %s", resp.Status)
	}
	return desc
}

// set makes settings those of every registry of the run.
func set(h transport.HostConfig) func(string, bool) transport.HostConfig {
	return func(_ string, named bool) transport.HostConfig {
		if !named {
			return transport.HostConfig{Jobs: h.Jobs}
		}
		return h
	}
}
