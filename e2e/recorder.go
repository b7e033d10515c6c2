//go:build e2e

package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// request is one request that came by a proxy, with the registry's answer.
type request struct {
	method string
	kind   string // ping, manifest, blob, upload, tags, catalog, token or other
	repo   string
	ref    string // tag, digest or upload session, as the path has it
	path   string
	proto  string // HTTP/1.1 or HTTP/2.0
	query  url.Values
	header http.Header
	client string // HOST:PORT of the client's end of the connection
	status int    // 0 while no header was sent
}

// recorder holds the requests a proxy has seen.
type recorder struct {
	mu   sync.Mutex
	seen []request
}

// add notes a request that has just come. The function it returns notes the
// status of the answer.
func (s *recorder) add(r *http.Request) func(status int) {
	repo, kind, ref := splitPath(r.URL.Path)
	s.mu.Lock()
	defer s.mu.Unlock()
	number := len(s.seen)
	s.seen = append(s.seen, request{
		method: r.Method, kind: kind, repo: repo, ref: ref,
		path: r.URL.Path, proto: r.Proto, query: r.URL.Query(), header: r.Header.Clone(), client: r.RemoteAddr,
	})
	return func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen[number].status = status
	}
}

// matching returns the requests, in the order they came, for which want is
// true.
func (s *recorder) matching(want func(request) bool) []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []request
	for _, r := range s.seen {
		if want(r) {
			found = append(found, r)
		}
	}
	return found
}

// wantNoWrites fails the test when a request could have changed the registry.
func (s *recorder) wantNoWrites(t *testing.T) {
	t.Helper()
	for _, r := range s.matching(request.writes) {
		t.Errorf("the registry got %s %s %s/%s (answered %d); want no writes", r.method, r.kind, r.repo, r.ref, r.status)
	}
}

// writes says whether the request asks the registry to change something.
func (r request) writes() bool {
	return r.method != http.MethodGet && r.method != http.MethodHead
}

// splitPath reads the path of a registry request: the repository, the kind of
// request and the tag, digest or session it is for.
func splitPath(path string) (repo, kind, ref string) {
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

// count returns how many requests of a method and kind got a status; 0 stands
// for any status.
func (s *recorder) count(method, kind string, status int) int {
	return len(s.matching(func(r request) bool {
		return r.method == method && r.kind == kind && (status == 0 || r.status == status)
	}))
}

// wantCount fails the test unless so many requests of a method and kind got a
// status; 0 stands for any status.
func (s *recorder) wantCount(t *testing.T, want int, method, kind string, status int) {
	t.Helper()
	if got := s.count(method, kind, status); got != want {
		t.Errorf("%d requests %s %s (answer %d), want %d", got, method, kind, status, want)
	}
}

// all returns the requests in the order they came.
func (s *recorder) all() []request {
	return s.matching(func(request) bool { return true })
}
