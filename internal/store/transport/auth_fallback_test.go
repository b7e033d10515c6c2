package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

// brokenLogin is a credential that cannot be found.
type brokenLogin struct{ optional bool }

func (b brokenLogin) Error() string  { return "the vault is locked" }
func (b brokenLogin) Optional() bool { return b.optional }

type storedLogin struct {
	cred authn.AuthConfig
	err  error
}

func (storedLogin) Namespace(string, string) string { return "" }
func (s storedLogin) Credential(context.Context, string, string) (authn.AuthConfig, error) {
	return s.cred, s.err
}

// TestUnusableLogin sends requests to a registry on which the repository public can be
// read without a login alone, private with the right one, and nothing is written
// without one.
func TestUnusableLogin(t *testing.T) {
	t.Parallel()
	stale := storedLogin{cred: authn.AuthConfig{Username: "u", Password: "stale"}}
	locked := storedLogin{err: brokenLogin{true}}
	all := func(string) bool { return true }
	for name, c := range map[string]struct {
		stored             storedLogin
		optional           func(string) bool
		method, repository string
		writes             bool
		status             int // 0 is an error
		warnings, bare     int
	}{
		"stale login, public":            {stale, all, "GET", "public", false, 200, 1, 1},
		"stale login, public, HEAD":      {stale, all, "HEAD", "public", false, 200, 1, 1},
		"stale login, private":           {stale, all, "GET", "private", false, 401, 0, 1},
		"stale login, missing":           {stale, all, "GET", "missing", false, 403, 0, 1},
		"stale login of this run":        {stale, func(string) bool { return false }, "GET", "public", false, 403, 0, 0},
		"stale login, strict":            {stale, nil, "GET", "public", false, 403, 0, 0},
		"stale login, written":           {stale, all, "GET", "public", true, 403, 0, 0},
		"stale login, PUT":               {stale, all, "PUT", "public", false, 403, 0, 0},
		"locked vault, public":           {locked, all, "GET", "public", false, 200, 1, 1},
		"locked vault, private":          {locked, all, "GET", "private", false, 0, 0, 1},
		"locked vault, missing":          {locked, all, "GET", "missing", false, 0, 0, 1},
		"locked vault, strict":           {locked, nil, "GET", "public", false, 0, 0, 0},
		"locked vault, written":          {locked, all, "GET", "public", true, 0, 0, 0},
		"named file that is broken":      {storedLogin{err: brokenLogin{false}}, all, "GET", "public", false, 0, 0, 0},
		"an error that is no login's":    {storedLogin{err: errors.New("cancelled")}, all, "GET", "public", false, 0, 0, 0},
		"no login, public":               {storedLogin{}, all, "GET", "public", false, 200, 0, 1},
		"no login, private: one attempt": {storedLogin{}, all, "GET", "private", false, 401, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			bare := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				login := r.Header.Get("Authorization") != ""
				if !login && !strings.HasSuffix(r.URL.Path, "/first") {
					mu.Lock()
					bare++
					mu.Unlock()
				}
				switch {
				case strings.HasSuffix(r.URL.Path, "/first") && !login, strings.Contains(r.URL.Path, "/private/"):
					w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
					w.WriteHeader(http.StatusUnauthorized)
				case login:
					w.WriteHeader(http.StatusForbidden)
				case strings.Contains(r.URL.Path, "/missing/"):
					w.WriteHeader(http.StatusNotFound)
				}
			}))
			t.Cleanup(server.Close)
			host := server.Listener.Addr().String()
			var warnings []string
			tr := New(Options{Credentials: c.stored, OptionalLogin: c.optional, Warn: func(m string) {
				mu.Lock()
				defer mu.Unlock()
				warnings = append(warnings, m)
			}})
			tr.Announce(host, c.repository, c.writes)
			send := func(method, ref string) (*http.Response, error) {
				req, err := http.NewRequestWithContext(t.Context(), method, fmt.Sprintf("https://%s/v2/%s/manifests/%s", host, c.repository, ref), nil)
				if err != nil {
					t.Fatal(err)
				}
				return tr.RoundTrip(req)
			}
			if c.stored.err == nil && c.stored.cred != (authn.AuthConfig{}) {
				// The registry asks for the login, as with another repository of it.
				if resp, err := send("GET", "first"); err == nil {
					Discard(resp)
				}
				mu.Lock()
				warnings, bare = nil, 0
				mu.Unlock()
			}
			resp, err := send(c.method, "1")
			status := 0
			if err == nil {
				status = resp.StatusCode
				Discard(resp)
			}
			mu.Lock()
			defer mu.Unlock()
			if status != c.status || len(warnings) != c.warnings || bare != c.bare {
				t.Errorf("status %d, warnings %q, %d requests without a login; want %d, %d, %d (%v)", status, warnings, bare, c.status, c.warnings, c.bare, err)
			}
			if c.stored.err != nil && err != nil && !errors.Is(err, c.stored.err) {
				t.Errorf("error %v", err)
			}
		})
	}
}
