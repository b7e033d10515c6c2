//go:build e2e

package registrytest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Request is one request that a proxy got, with the status of the response.
type Request struct {
	Method string
	Kind   string // ping, manifest, blob, upload, tags, catalog, token or other
	Repo   string
	Ref    string // tag, digest or upload session, as the path has it
	Path   string
	Proto  string // HTTP/1.1 or HTTP/2.0
	Query  url.Values
	Header http.Header
	Client string // HOST:PORT of the client's end of the connection
	Status int    // 0 while no header was sent
}

// Recorder holds the requests that a proxy got.
type Recorder struct {
	mu   sync.Mutex
	seen []Request
}

// add records a request. The function it returns records the status of the
// response.
func (s *Recorder) add(r *http.Request) func(status int) {
	repo, kind, ref := SplitPath(r.URL.Path)
	s.mu.Lock()
	defer s.mu.Unlock()
	number := len(s.seen)
	s.seen = append(s.seen, Request{
		Method: r.Method, Kind: kind, Repo: repo, Ref: ref,
		Path: r.URL.Path, Proto: r.Proto, Query: r.URL.Query(), Header: r.Header.Clone(), Client: r.RemoteAddr,
	})
	return func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen[number].Status = status
	}
}

// Matching returns the requests for which want returns true, in the order they
// came.
func (s *Recorder) Matching(want func(Request) bool) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Request
	for _, r := range s.seen {
		if want(r) {
			found = append(found, r)
		}
	}
	return found
}

// WantNoWrites fails the test if a request could have changed the registry.
func (s *Recorder) WantNoWrites(t *testing.T) {
	t.Helper()
	for _, r := range s.Matching(Request.IsWrite) {
		t.Errorf("the registry got %s %s %s/%s (answered %d); want no writes", r.Method, r.Kind, r.Repo, r.Ref, r.Status)
	}
}

// IsWrite reports whether the request could change the registry.
func (r Request) IsWrite() bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}

// SplitPath returns the repository, the kind and the tag, digest or upload
// session of a path of the distribution API.
func SplitPath(path string) (repo, kind, ref string) {
	parts := regexp.MustCompile(`^/v2/(.+)/(manifests|blobs/uploads|blobs|tags)/(.*)$`).FindStringSubmatch(path)
	switch {
	case parts != nil:
		kinds := map[string]string{"manifests": "manifest", "blobs/uploads": "upload", "blobs": "blob", "tags": "tags"}
		return parts[1], kinds[parts[2]], parts[3]
	case path == "/v2/" || path == "/v2":
		return "", "ping", ""
	case path == "/token":
		return "", "token", ""
	case strings.HasPrefix(path, "/v2/_catalog"):
		return "", "catalog", ""
	default:
		return "", "other", path
	}
}

// Count returns how many requests of a method and kind got the status; 0 means
// any status.
func (s *Recorder) Count(method, kind string, status int) int {
	return len(s.Matching(func(r Request) bool {
		return r.Method == method && r.Kind == kind && (status == 0 || r.Status == status)
	}))
}

// WantCount fails the test unless the number of requests of a method and kind
// with the status is want; status 0 means any.
func (s *Recorder) WantCount(t *testing.T, want int, method, kind string, status int) {
	t.Helper()
	if got := s.Count(method, kind, status); got != want {
		t.Errorf("%d requests %s %s (status %d), want %d", got, method, kind, status, want)
	}
}

// All returns the requests in the order they came.
func (s *Recorder) All() []Request {
	return s.Matching(func(Request) bool { return true })
}
