package manifesttest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	ggcr "github.com/google/go-containerregistry/pkg/registry"

	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// Registry is an in-memory registry that records its requests, and that can be
// made to fail or to send other responses.
type Registry struct {
	// Host is the registry's address, as in HOST/repository:tag.
	Host string
	requests

	mu        sync.Mutex
	failures  map[string]int
	observe   func(*http.Request)
	intercept func(http.ResponseWriter, *http.Request) bool
}

// NewRegistry starts an empty registry that runs until the test ends.
func NewRegistry(t *testing.T) *Registry {
	t.Helper()
	r := &Registry{failures: map[string]int{}}
	inMemory := ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0)))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.record(req)
		r.mu.Lock()
		status, observe, intercept := r.failures[req.Method+" "+req.URL.Path], r.observe, r.intercept
		r.mu.Unlock()
		if observe != nil {
			observe(req)
		}
		switch {
		case intercept != nil && intercept(w, req):
		case status != 0:
			w.WriteHeader(status)
		default:
			inMemory.ServeHTTP(w, req)
		}
	}))
	t.Cleanup(srv.Close)
	r.Host = strings.TrimPrefix(srv.URL, "http://")
	return r
}

// Fail makes the registry respond to a request ("METHOD path") with a status.
func (r *Registry) Fail(request string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures[request] = status
}

// Intercept calls f for every request from now on. f reports whether it has
// written the response, so that the registry sends none.
func (r *Registry) Intercept(f func(w http.ResponseWriter, req *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.intercept = f
}

// Observe calls f for every request from now on, before it is handled.
func (r *Registry) Observe(f func(*http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observe = f
}

// Writes returns the requests since the last reset other than GET and HEAD,
// sorted.
func (r *Registry) Writes() []string {
	writes := slices.DeleteFunc(r.Requests(), func(request string) bool {
		return strings.HasPrefix(request, "GET ") || strings.HasPrefix(request, "HEAD ")
	})
	slices.Sort(writes)
	return writes
}

// CountExact returns how many times a request ("METHOD path") was received since
// the last reset.
func (r *Registry) CountExact(request string) int {
	n := 0
	for _, received := range r.Requests() {
		if received == request {
			n++
		}
	}
	return n
}

// AssertNoWrites fails the test if something was written since the last reset.
func (r *Registry) AssertNoWrites(t *testing.T) {
	t.Helper()
	if w := r.Writes(); len(w) > 0 {
		t.Errorf("it wrote %q", w)
	}
}

// NewStore returns a store with the default options.
func NewStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.New(store.Options{Transport: transport.Options{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
