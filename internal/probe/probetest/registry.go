// Package probetest has a registry for tests of test-registry.
package probetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	godigest "github.com/opencontainers/go-digest"

	"manifest-tool/internal/probe/embedded"
)

// Registry is ggcr's registry with what it lacks: it mounts blobs, knows the state of
// uploads, pages with a Link, refuses large manifests with 413, and deletes tags with
// their manifest, but no child of an index.
type Registry struct {
	base   http.Handler
	mu     sync.Mutex
	closed map[string]bool
	// tags are the tags of a digest, indexes the manifests that are one.
	tags    map[string][]string
	indexes []string
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{base: embedded.Handler(), closed: map[string]bool{}, tags: map[string][]string{}}
}

func (c *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, handles := range []func(http.ResponseWriter, *http.Request) bool{c.mount, c.uploadState, c.page, c.put, c.remove} {
		if handles(w, r) {
			return
		}
	}
	c.base.ServeHTTP(w, r)
}

func (c *Registry) mount(w http.ResponseWriter, r *http.Request) bool {
	digest := r.URL.Query().Get("mount")
	if digest == "" || Send(c.base, http.MethodHead, "/v2/any/blobs/"+digest).Code != http.StatusOK {
		return false
	}
	w.Header().Set("Location", "/v2/any/blobs/"+digest)
	w.WriteHeader(http.StatusCreated)
	return true
}

func (c *Registry) uploadState(w http.ResponseWriter, r *http.Request) bool {
	if !strings.Contains(r.URL.Path, "/blobs/uploads/") || r.Method != http.MethodGet && r.Method != http.MethodDelete {
		return false
	}
	if c.closed[r.URL.Path] {
		w.WriteHeader(http.StatusNotFound)
		return true
	}
	c.closed[r.URL.Path] = r.Method == http.MethodDelete
	w.Header().Set("Location", r.URL.Path)
	w.Header().Set("Range", "0-0")
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (c *Registry) page(w http.ResponseWriter, r *http.Request) bool {
	var list struct{ Tags []string }
	query := r.URL.Query()
	if strings.HasSuffix(r.URL.Path, "-manifest-tool-test/tags/list") {
		_, _ = w.Write([]byte(`{"tags":[]}`))
		return true
	}
	if !strings.HasSuffix(r.URL.Path, "/tags/list") || query.Get("n") == "" {
		return false
	}
	if json.Unmarshal(Send(c.base, http.MethodGet, r.URL.String()).Body.Bytes(), &list) == nil && len(list.Tags) > 0 {
		query.Set("last", list.Tags[len(list.Tags)-1])
		next := r.URL.Path + "?" + query.Encode()
		if Send(c.base, http.MethodGet, next).Body.String() != Send(c.base, http.MethodGet, r.URL.Path+"?last=zzz").Body.String() {
			w.Header().Set("Link", "<"+next+`>; rel="next"`)
		}
	}
	return false
}

func (c *Registry) put(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/") {
		w.Header().Set("Location", "/v2/any/blobs/"+r.URL.Query().Get("digest"))
	}
	if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/manifests/") {
		return false
	}
	raw, _ := io.ReadAll(r.Body)
	if len(raw) > 4<<20 {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}
	r.Body = io.NopCloser(strings.NewReader(string(raw)))
	rec := httptest.NewRecorder()
	c.base.ServeHTTP(rec, r)
	if rec.Code == http.StatusCreated && strings.Contains(string(raw), `"manifests"`) {
		c.indexes = append(c.indexes, string(raw))
	}
	c.tags[rec.Header().Get("Docker-Content-Digest")] = append(c.tags[rec.Header().Get("Docker-Content-Digest")], r.URL.Path)
	Respond(w, rec)
	return true
}

func (c *Registry) remove(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodDelete {
		return false
	}
	dir, digest, found := strings.Cut(r.URL.Path, "/manifests/")
	if !found {
		return c.removeBlob(w, r)
	}
	c.indexes = slices.DeleteFunc(c.indexes, func(raw string) bool { return godigest.FromString(raw).String() == digest })
	if strings.Contains(digest, ":") && strings.Contains(strings.Join(c.indexes, "\n"), digest) {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return true
	}
	for _, tag := range c.tags[digest] {
		if tag != dir+"/manifests/"+digest {
			Send(c.base, http.MethodDelete, tag)
		}
	}
	return false
}

// removeBlob responds with 404 for a blob that does not exist, where ggcr has 500: its
// repositories share their blobs.
func (c *Registry) removeBlob(w http.ResponseWriter, r *http.Request) bool {
	if Send(c.base, http.MethodHead, r.URL.Path).Code != http.StatusNotFound {
		return false
	}
	w.WriteHeader(http.StatusNotFound)
	return true
}

// Send sends a request to a handler.
func Send(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

// Respond responds with a recorded response.
func Respond(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = io.Copy(w, rec.Body)
}
