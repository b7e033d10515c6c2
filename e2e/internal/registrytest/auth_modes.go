//go:build e2e

package registrytest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// AuthMode is the authentication that a registry requires, and a function that
// starts such a registry. Its token server is nil if the registry requires no
// tokens.
type AuthMode struct {
	Name  string
	Start func(*testing.T) (*Registry, http.Handler)
}

// AuthModes returns the three kinds of registries: open, with a password, with
// tokens.
func AuthModes() []AuthMode {
	return []AuthMode{
		{"open", func(t *testing.T) (*Registry, http.Handler) { return StartOpen(t), nil }},
		{"basic", func(t *testing.T) (*Registry, http.Handler) { return StartBasic(t), nil }},
		{"bearer", func(t *testing.T) (*Registry, http.Handler) {
			server := NewTokenServer(t)
			return StartTokenAuth(t, server), server
		}},
	}
}

// StartBasic starts a registry with one user in an htpasswd file, without TLS.
func StartBasic(t *testing.T) *Registry {
	t.Helper()
	passwords := filepath.Join(t.TempDir(), "htpasswd")
	clitest.Must(t, os.WriteFile(passwords, []byte(UserName+":"+userHash+"\n"), 0o600))
	return &Registry{
		Host:      Launch(t, "", fmt.Sprintf("auth:\n  htpasswd:\n    realm: e2e\n    path: %s\n", passwords)),
		Scheme:    "http",
		Client:    &http.Client{},
		Authorize: func(r *http.Request) { r.SetBasicAuth(UserName, UserPassword) },
	}
}

// StartTokenAuth starts a registry that requires tokens of the server. Clients
// reach it through a RecordingProxy, which is the token server as well.
func StartTokenAuth(t *testing.T, server *TokenServer) *Registry {
	t.Helper()
	return &Registry{
		Host: Launch(t, "", fmt.Sprintf(
			"auth:\n  token:\n    realm: %s\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n",
			placeholderRealm, TokenService, TokenService, WritePEM(t, "token.pem", "CERTIFICATE", server.cert.Raw))),
		Scheme: "http",
		Client: &http.Client{},
		Authorize: func(r *http.Request) {
			name, _, _ := SplitPath(r.URL.Path)
			r.Header.Set("Authorization", "Bearer "+server.sign("harness", []access{
				{Type: "repository", Name: name, Actions: []string{"pull", "push", "delete"}},
			}))
		},
	}
}

// ServeHTTP makes the token server a handler.
func (s *TokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.Intercept(w, r) }
