package transport

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// TestARedirectToARegistryWithTokens is about names of one's own that redirect to a
// public registry. It gets no credential, of whichever host.
func TestARedirectToARegistryWithTokens(t *testing.T) {
	const at = "https://own.example/v2/a/manifests/1"
	public := &gate{name: "https://public.example", asks: bearerAuth}
	for name, announced := range map[string]bool{"unknown": false, "a registry of the run": true} {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(name+" "+method, func(t *testing.T) {
				net, tr := around(public, &gate{name: "https://own.example"})
				net.hosts["https://own.example"] = leading(307, "https://public.example/v2/a/manifests/1")
				tr.Announce("own.example", "a", false)
				if announced {
					tr.Announce("public.example", "b", true)
				}
				for range 2 {
					wantStatus(t, tr, 200, method, at, "")
				}
				net.wantExactly(t, map[string]int{
					method + " " + at + " - 307":                                              2,
					method + " https://public.example/v2/a/manifests/1 - 401":                 1,
					"GET " + public.tokenURL("repository:a:pull") + " - 200":                  1,
					method + " https://public.example/v2/a/manifests/1 repository:a:pull 200": 2,
				})
			})
		}
	}
}

// TestARedirectGetsNoLogin has the redirected host ask for what it must not get.
func TestARedirectGetsNoLogin(t *testing.T) {
	for name, tt := range map[string]struct {
		challenge string
		fails     bool // with an error, rather than the 401
	}{
		"a password":                  {`Basic realm="x"`, false},
		"a realm on http":             {`Bearer realm="http://public.example/token"`, true},
		"a realm that is a file":      {`Bearer realm="file:///etc/passwd"`, true},
		"a realm with a password":     {`Bearer realm="https://u:p@public.example/token"`, true},
		"a realm at an inner address": {`Bearer realm="https://169.254.169.254/token"`, true},
		"the first host's realm":      {`Bearer realm="https://own.example/token"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			net, tr := around(&gate{name: "https://own.example", asks: basicAuth})
			net.hosts["https://own.example"] = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					_, _ = w.Write([]byte(`{"token":"t"}`))
					return
				}
				leading(307, "https://public.example/v2/a/manifests/1")(w, r)
			}
			net.hosts["https://public.example"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", tt.challenge)
				w.WriteHeader(http.StatusUnauthorized)
			}
			tr.Announce("own.example", "a", false)
			status, err := send(t.Context(), tr, "GET", "https://own.example/v2/a/manifests/1", "")
			if (err != nil) != tt.fails || err == nil && status != http.StatusUnauthorized {
				t.Errorf("status %d, %v", status, err)
			}
			for line := range net.count() {
				if strings.Contains(line, "rabbit") || strings.Contains(line, "http://") || strings.Contains(line, "169.254") {
					t.Errorf("%s", line)
				}
			}
		})
	}
}

func TestATokenErrorHasTheReason(t *testing.T) {
	g := &gate{
		name: "https://registry.example", asks: bearerAuth,
		grant:  func([]string) ([]string, int) { return nil, http.StatusForbidden },
		answer: func(string) any { return map[string]any{"details": "the password rabbit\nneeds a second factor"} },
	}
	_, tr := around(g)
	tr.Announce("registry.example", "a", false)
	_, err := send(t.Context(), tr, "GET", "https://registry.example/v2/a/manifests/1", "")
	var token *TokenError
	if !errors.As(err, &token) || !token.Login.Sent || token.Reason != "the password REDACTED needs a second factor" ||
		!strings.HasSuffix(err.Error(), "403 Forbidden: the password REDACTED needs a second factor") {
		t.Errorf("%v, %+v", err, token)
	}
}
