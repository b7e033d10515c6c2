//go:build e2e

package server

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault95ServeDialsNoPrivateAddress has traps at this machine's addresses and a
// proxy of the environment, which could be led anywhere.
func TestFault95ServeDialsNoPrivateAddress(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	listener := registrytest.Listen(t)
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer server.Close()
	trap := listener.Addr().String()
	_, port, err := net.SplitHostPort(trap)
	clitest.Must(t, err)
	// An allowed registry that leads to the trap: with redirects and as its token server.
	leading := registrytest.Listen(t)
	lead := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/redirect/") {
			http.Redirect(w, r, "http://"+trap+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+trap+`/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	})}
	go func() { _ = lead.Serve(leading) }() // it ends with Close
	defer lead.Close()
	session := clitest.Session{Env: []string{"HTTP_PROXY=http://" + trap, "HTTPS_PROXY=http://" + trap, "http_proxy=http://" + trap, "https_proxy=http://" + trap}}
	v := session.Serve(t, "--allow-registry", leading.Addr().String())
	for _, host := range []string{
		trap, "localhost:" + port, "[::1]:" + port, "0.0.0.0:" + port, "127.1:" + port, "169.254.169.254", "registry.example.invalid",
		leading.Addr().String() + "/redirect", leading.Addr().String() + "/token",
	} {
		r := get(t, v, "/v1/images/"+host+"/app:1")
		if !slices.Contains([]int{http.StatusBadGateway, http.StatusBadRequest, http.StatusNotFound}, r.Status) {
			t.Errorf("%s: status %d, body %s", host, r.Status, r.Body)
		}
		for _, inside := range []string{"127.0.0.1: ", "dial", "lookup"} {
			if strings.Contains(r.Body, inside) {
				t.Errorf("%s: the answer shows what is inside: %s", host, r.Body)
			}
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d requests to the trap\n%s", n, v.Log())
	}
}

// TestFault97StoredLoginsAreForListedRepositories has a registry that requires a
// password, and a service whose user is logged in there.
func TestFault97StoredLoginsAreForListedRepositories(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	image := fixture.NewImage(t, fixture.OCI(), "private", fixture.ParsePlatform("linux/arm64"), 1)
	for _, repository := range []string{"listed/app", "listed-not/app", "other/app"} {
		g.Put(t, repository, "1", image)
	}
	session := registrytest.WithLogin(t, g.Host)
	v := session.Serve(t, "--allow-registry", g.Host, "--ca-file", g.CAFile, "--repository", g.Host+"/listed")
	if r := get(t, v, "/v1/images/"+g.Host+"/listed/app:1"); r.Status != http.StatusOK || !strings.Contains(r.Body, image.Digest().String()) {
		t.Errorf("the listed repository: status %d, body %s", r.Status, r.Body)
	}
	for _, path := range []string{
		"/other/app:1", "/listed-not/app:1", "/other/app@" + image.Digest().String(), "/other/app:1?platform=linux/arm64",
	} {
		r := get(t, v, "/v1/images/"+g.Host+path)
		r.wantError(t, http.StatusNotFound, "unauthorized")
		if strings.Contains(r.Body, registrytest.UserPassword) || strings.Contains(r.Body, "linux/arm64") {
			t.Errorf("%s: %s", path, r.Body)
		}
	}
	if strings.Contains(v.Log(), registrytest.UserPassword) {
		t.Error("the log has the password")
	}
}
