//go:build e2e

package probe

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// loginReport is what the tests of logins read of a report.
type loginReport struct {
	Requests int
	Left     []string
	Results  []struct {
		Name, Section, Status, Detail string
		Facts                         map[string]string
		Exchanges                     []exchange
	}
}

// exchange is a request of a report with its response.
type exchange struct {
	Method, URL string
	Status      int
	Headers     map[string]string
}

// testLogins runs the sections about connections, logins and caches.
func testLogins(t *testing.T, g *registrytest.Registry, login bool) (loginReport, clitest.Result) {
	t.Helper()
	args := []string{"test-registry", "--only", "connection,login,caching", "-o", "json", g.Host + "/team/scratch"}
	s := clitest.Session{Env: g.TrustEnv()}
	if login {
		args = append(args, "--username", registrytest.UserName, "--password-stdin")
		s.Stdin = registrytest.UserPassword + "\n"
	}
	done := s.Run(t, args...)
	var r loginReport
	if err := json.Unmarshal([]byte(done.Stdout), &r); err != nil {
		t.Fatalf("%v: %s%s", err, done.Stdout, done.Stderr)
	}
	return r, done
}

// not returns the checks without a status, in the form "status name".
func (r loginReport) not(status string) []string {
	var all []string
	for _, one := range r.Results {
		if one.Status != status {
			all = append(all, one.Status+" "+one.Name)
		}
	}
	slices.Sort(all)
	return all
}

func (r loginReport) facts() map[string]string {
	all := map[string]string{}
	for _, one := range r.Results {
		maps.Copy(all, one.Facts)
	}
	return all
}

// optional are the checks that docker-registry skips with every kind of login.
func optional(more ...string) []string {
	all := append([]string{"skip caching-if-match", "skip caching-rate-limit", "skip caching-retry-after"}, more...)
	slices.Sort(all)
	return all
}

// TestLogins tests docker-registry open, with passwords over TLS, and with tokens.
func TestLogins(t *testing.T) {
	t.Parallel()
	plain := []string{"skip connection-tls", "skip connection-certificate", "skip connection-http2"}
	tokens := []string{"skip login-realm", "skip login-token", "skip login-token-anonymous", "skip login-token-invalid", "skip login-token-lifetime", "skip login-token-scopes"}
	logins := []string{"skip login-accepted", "skip login-challenge", "skip login-challenge-read", "skip login-challenge-scheme", "skip login-challenge-write", "skip login-wrong-password"}
	refused := []string{"error login-token-scopes"}
	for _, name := range []string{"etag", "if-none-match", "changed-tag", "if-match", "cache-control", "rate-limit"} {
		refused = append(refused, "error caching-"+name)
	}
	for name, tt := range map[string]struct {
		start func(*testing.T) *registrytest.Registry
		login bool
		want  []string
		facts map[string]string
	}{
		"open":              {registrytest.StartOpen, false, optional(slices.Concat(plain, tokens, logins)...), map[string]string{"auth": "none", "scheme": "http"}},
		"passwords and TLS": {registrytest.StartBasicTLS, true, optional(tokens...), map[string]string{"auth": "basic", "scheme": "https", "tls": "TLS 1.3", "protocol": "HTTP/2.0"}},
		"tokens": {func(t *testing.T) *registrytest.Registry {
			g, _ := registrytest.StartToken(t)
			return g
		}, true, optional(plain...), map[string]string{"auth": "bearer", "token-scopes": "several", "token-lifetime": "300", "token-error": "invalid_token"}},
		"tokens without a login": {func(t *testing.T) *registrytest.Registry {
			g, _ := registrytest.StartToken(t)
			return g
		}, false, slices.Sorted(slices.Values(slices.Concat(plain, refused, []string{"skip caching-retry-after"}))), map[string]string{"anonymous-token": "yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := tt.start(t)
			r, done := testLogins(t, g, tt.login)
			if diff := cmp.Diff(tt.want, r.not("pass")); diff != "" {
				t.Errorf("the checks that do not pass: %s", diff)
			}
			for fact, want := range tt.facts {
				if got := r.facts()[fact]; got != want {
					t.Errorf("fact %s is %q, want %q", fact, got, want)
				}
			}
			if r.Requests > 45 {
				t.Errorf("%d requests were sent", r.Requests)
			}
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
		})
	}
}

// TestTokenOfCleanup: what was written under a token is deleted, with a token that
// permits it. Version 2 deletes no tags, so that the manifests take them along.
func TestTokenOfCleanup(t *testing.T) {
	t.Parallel()
	g, seen := registrytest.StartToken(t)
	r, _ := testLogins(t, g, true)
	for _, left := range r.Left {
		if strings.Contains(left, "@sha256:") {
			t.Errorf("%s was left", left)
		}
	}
	if seen.Count(http.MethodDelete, "manifest", http.StatusAccepted) == 0 || seen.Count(http.MethodDelete, "manifest", http.StatusUnauthorized) != 0 {
		t.Errorf("manifests were not deleted at the first request: %v", seen.All())
	}
}

// TestReportHasNoSecret tests a registry that repeats all secrets it got and issued.
func TestReportHasNoSecret(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	for _, scheme := range []string{"Basic", "Bearer"} {
		for _, format := range []string{"text", "json"} {
			t.Run(scheme+" "+format, func(t *testing.T) {
				t.Parallel()
				p := open.StartEchoServer(t, scheme, func(*http.Request) int { return 0 })
				s := clitest.Session{Env: p.Env(), Stdin: registrytest.Secret("password") + "\n"}
				done := s.Run(t, "test-registry", "--plain-http", "--debug", "-o", format, "--username", registrytest.UserName, "--password-stdin", registrytest.EchoHost+"/team/scratch")
				p.WantNoSecrets(t, done.Stdout+done.Stderr)
				for _, kind := range []string{"password", "cookie", "presigned", "state"} {
					if !p.HasSeen(kind) {
						t.Errorf("no %s was exchanged", kind)
					}
				}
				if !strings.Contains(done.Stdout, "caching-etag") {
					t.Errorf("nothing was tested: %s%s", done.Stdout, done.Stderr)
				}
			})
		}
	}
}
