package cache_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// world is every registry, in memory, so that a test's clock is the bubble's: all
// hosts have the same content. It records the requests.
type world struct {
	handler http.Handler
	latency time.Duration

	mu       sync.Mutex
	requests []string
	respond  func(w http.ResponseWriter, r *http.Request) bool
	down     error
}

func newWorld() *world {
	return &world{handler: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
}

// RoundTrip implements http.RoundTripper.
func (n *world) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.requests = append(n.requests, r.Method+" "+r.URL.Host+r.URL.Path)
	respond, down := n.respond, n.down
	n.mu.Unlock()
	select {
	case <-time.After(n.latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if down != nil {
		return nil, down
	}
	w := httptest.NewRecorder()
	if respond == nil || !respond(w, r) {
		n.handler.ServeHTTP(w, r)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// set makes all registries respond with f, or not at all if there is an error.
func (n *world) set(f func(w http.ResponseWriter, r *http.Request) bool, down error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.respond, n.down = f, down
}

// wantRequests compares the requests since the last call.
func (n *world) wantRequests(t *testing.T, want ...string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if got := strings.Join(n.requests, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("requests:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	n.requests = nil
}

// put stores an index whose annotation is text, and returns its digest.
func (n *world) put(t *testing.T, repository, tag, text string) digest.Digest {
	t.Helper()
	body := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[],"annotations":{"text":%q}}`, ocispec.MediaTypeImageIndex, text)
	r := httptest.NewRequest(http.MethodPut, "/v2/"+repository+"/manifests/"+tag, strings.NewReader(body))
	r.Header.Set("Content-Type", ocispec.MediaTypeImageIndex)
	w := httptest.NewRecorder()
	if n.handler.ServeHTTP(w, r); w.Code != http.StatusCreated {
		t.Fatalf("put %s: %d %s", tag, w.Code, w.Body)
	}
	return digest.FromString(body)
}

// delete removes a tag.
func (n *world) delete(repository, tag string) {
	n.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/v2/"+repository+"/manifests/"+tag, nil))
}

// refuse responds with a status and headers, name and value in turn.
func refuse(status int, header ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		return true
	}
}

// machine returns a cache of one machine that reads from the world.
func (n *world) machine(t *testing.T, o cache.Options) *cache.Cache {
	t.Helper()
	var c *cache.Cache
	o.Now = time.Now
	if o.Storage == nil {
		o.Storage = cache.NewMemory(1<<20, time.Now)
	}
	opened, err := store.New(store.Options{Transport: transport.Options{Base: n, Service: true, Observe: func(e transport.Event) { c.Observe(e) }}})
	if err != nil {
		t.Fatal(err)
	}
	o.Upstream = opened
	c = cache.New(o)
	return c
}

func ref(t *testing.T, name string) reference.Ref {
	t.Helper()
	r, err := manifest.ParseReference(name, "latest")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get reads an image for a client of its own, and returns the digest of its bytes.
func get(t *testing.T, c *cache.Cache, name string) (digest.Digest, cache.State, error) {
	t.Helper()
	r := c.Reader()
	o, err := r.Get(t.Context(), ref(t, name))
	return digest.FromBytes(o.Raw), r.State(), err
}

// wantDigest reads an image that must be there.
func wantDigest(t *testing.T, c *cache.Cache, name string, want digest.Digest) cache.State {
	t.Helper()
	got, state, err := get(t, c, name)
	if err != nil || got != want {
		t.Fatalf("%s: got %s, %v; want %s", name, got, err, want)
	}
	return state
}
