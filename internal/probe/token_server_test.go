package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// The login of the tests.
const (
	userName = "alice"
	password = "c4nary-password-0123456789abcdef"
)

// alice is a transport.Credentials with one login for all registries.
type alice struct{}

func (alice) Namespace(string, string) string { return "" }

func (alice) Credential(context.Context, string, string) (authn.AuthConfig, error) {
	return authn.AuthConfig{Username: userName, Password: password}, nil
}

// challengeOf returns the Bearer challenge of a registry that is its own token server.
func challengeOf(r *http.Request, parameters string) string {
	return fmt.Sprintf(`Bearer realm="http://%s/token",service="test"%s`, r.Host, parameters)
}

// needsToken requires a token for each request. A token is the JSON of its scopes.
func needsToken(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.URL.Path == "/token" {
		issueToken(w, r)
		return
	}
	parts := strings.SplitAfter(strings.TrimPrefix(r.URL.Path, "/v2/"), "/")
	repository := strings.TrimSuffix(strings.Join(parts[:min(2, len(parts))], ""), "/")
	_, token, isToken := strings.Cut(r.Header.Get("Authorization"), "Bearer c4nary-")
	isAllowed := isToken && (repository == "" || strings.Contains(token, ":"+repository+":"))
	if isAllowed {
		next.ServeHTTP(w, r)
		return
	}
	problem := ""
	if r.Header.Get("Authorization") != "" {
		problem = `,error="invalid_token"`
	}
	if repository != "" {
		problem += `,scope="repository:` + repository + `:pull"`
	}
	w.Header().Set("WWW-Authenticate", challengeOf(r, problem))
	w.WriteHeader(http.StatusUnauthorized)
}

func issueToken(w http.ResponseWriter, r *http.Request) {
	user, given, isLogin := r.BasicAuth()
	if isLogin && (user != userName || given != password) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	token := "c4nary-" + strings.Join(r.URL.Query()["scope"], "+")
	if !isLogin {
		token = "c4nary-anonymous"
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "expires_in": 300})
}

// probeTokens carries out the login checks on a registry with tokens, with a fault.
func probeTokens(t *testing.T, f fault) Report {
	t.Helper()
	secured := inFrontOf(probetest.NewRegistry(), needsToken)
	return probeHost(t, serve(t, inFrontOf(secured, f)), transport.Options{Credentials: alice{}, Warn: func(string) {}}, SectionLogin)
}

// needsPassword requires the login by Basic.
func needsPassword(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if user, given, _ := r.BasicAuth(); user == userName && given == password {
		next.ServeHTTP(w, r)
		return
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
	w.WriteHeader(http.StatusUnauthorized)
}

func probePasswords(t *testing.T, f fault) Report {
	t.Helper()
	secured := inFrontOf(probetest.NewRegistry(), needsPassword)
	return probeHost(t, serve(t, inFrontOf(secured, f)), transport.Options{Credentials: alice{}}, SectionLogin)
}

// withStatus returns the checks of a report with one of the statuses, sorted.
func withStatus(r Report, wanted ...Status) []string {
	var all []string
	for _, one := range r.Results {
		if slices.Contains(wanted, one.Status) {
			all = append(all, one.Name)
		}
	}
	slices.Sort(all)
	return all
}
