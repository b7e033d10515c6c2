//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// authMode is what a registry asks of a client, and how it is started.
type authMode struct {
	Name  string
	Start func(*testing.T) (*registry, http.Handler)
}

// authModes returns the three kinds of registries: open, with a password, with
// tokens.
func authModes() []authMode {
	return []authMode{
		{"open", func(t *testing.T) (*registry, http.Handler) { return startOpen(t), nil }},
		{"basic", func(t *testing.T) (*registry, http.Handler) { return startPassword(t), nil }},
		{"bearer", func(t *testing.T) (*registry, http.Handler) {
			server := newTokenServer(t)
			return startTokenAuth(t, server), server
		}},
	}
}

// startPassword starts a registry on plain HTTP with one user in an htpasswd
// file.
func startPassword(t *testing.T) *registry {
	t.Helper()
	passwords := filepath.Join(t.TempDir(), "htpasswd")
	must(t, os.WriteFile(passwords, []byte(userName+":"+userHash+"\n"), 0o600))
	return &registry{
		Host:      launch(t, "", fmt.Sprintf("auth:\n  htpasswd:\n    realm: e2e\n    path: %s\n", passwords)),
		Scheme:    "http",
		Client:    &http.Client{},
		Authorize: func(r *http.Request) { r.SetBasicAuth(userName, userPassword) },
	}
}

// startTokenAuth starts a registry that takes the tokens of the server. Clients
// have to come by a front, which is the token server as well.
func startTokenAuth(t *testing.T, server *tokenServer) *registry {
	t.Helper()
	return &registry{
		Host: launch(t, "", fmt.Sprintf(
			"auth:\n  token:\n    realm: %s\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n",
			gateRealm, tokenService, tokenService, writePEM(t, "token.pem", "CERTIFICATE", server.cert.Raw))),
		Scheme: "http",
		Client: &http.Client{},
		Authorize: func(r *http.Request) {
			name, _, _ := splitPath(r.URL.Path)
			r.Header.Set("Authorization", "Bearer "+server.sign("stage", []access{
				{Type: "repository", Name: name, Actions: []string{"pull", "push", "delete"}},
			}))
		},
	}
}

// ServeHTTP makes a token server of the stage a handler of its own.
func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.Intercept(w, r) }
