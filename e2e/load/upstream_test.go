//go:build e2e

package load

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// upstream is a registry with one index, which it has in every repository whose name
// begins with "app", and in no other one.
type upstream struct {
	host string
	// gets and heads count the requests for manifests.
	gets, heads atomic.Int64
}

// startUpstream starts a registry, and a proxy in front of it that maps all names to
// one of two repositories.
func startUpstream(t *testing.T) *upstream {
	t.Helper()
	g := registrytest.StartOpen(t)
	family := fixture.OCI()
	g.Put(t, "app", "1", fixture.NewIndex(t, family,
		fixture.NewImage(t, family, "a", fixture.ParsePlatform("linux/amd64"), 1),
		fixture.NewImage(t, family, "b", fixture.ParsePlatform("linux/arm64"), 1)))
	target, err := url.Parse("http://" + g.Host)
	clitest.Must(t, err)
	u := &upstream{}
	pool := &http.Transport{MaxIdleConnsPerHost: 64}
	proxy := &httputil.ReverseProxy{Transport: pool, ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		u.note(r.In)
		r.Out.URL.Path = oneRepository(r.In.URL.Path)
	}}
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		pool.CloseIdleConnections()
	})
	u.host = strings.TrimPrefix(server.URL, "http://")
	return u
}

func (u *upstream) note(r *http.Request) {
	switch {
	case !strings.Contains(r.URL.Path, "/manifests/"):
	case r.Method == http.MethodHead:
		u.heads.Add(1)
	default:
		u.gets.Add(1)
	}
}

var repositoryOfPath = regexp.MustCompile(`^/v2/(app|none)[^/]*/`)

func oneRepository(path string) string { return repositoryOfPath.ReplaceAllString(path, "/v2/$1/") }
