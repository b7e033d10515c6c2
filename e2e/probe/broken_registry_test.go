//go:build e2e

package probe

import (
	"net/http"
	"regexp"

	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/probe/probetest"
)

// brokenRegistry is a registry that requires tokens and passes the checks, except for
// the requests that a breakage concerns.
type brokenRegistry struct {
	registry http.Handler
	breakage breakage
	names    contentNames
}

// breakage is what a registry does in another way than it should.
type breakage struct {
	// on is a regular expression for the requests, in the form of contentNames.of.
	on string
	// do responds to such a request; next is the registry.
	do fault
}

func newBroken(b breakage) *brokenRegistry {
	return &brokenRegistry{registry: probetest.Complete(), breakage: b, names: contentNames{digests: map[string]string{}}}
}

func (g *brokenRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sound := http.HandlerFunc(g.authorized)
	if on := g.breakage.on; on != "" && regexp.MustCompile("^"+on+"$").MatchString(g.names.of(r)) {
		g.breakage.do(w, r, sound)
		return
	}
	sound(w, r)
}

// authorized is the registry without a breakage.
func (g *brokenRegistry) authorized(w http.ResponseWriter, r *http.Request) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	challenge := `Bearer realm="` + scheme + r.Host + `/token",service="test"`
	user, password, _ := r.BasicAuth()
	switch token := r.Header.Get("Authorization"); {
	case r.URL.Path == "/token" && user != "" && user+password != registrytest.UserName+registrytest.UserPassword:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/token":
		_, _ = w.Write([]byte(`{"token":"token-of-` + user + `","expires_in":300}`))
	case token == "Bearer token-of-"+registrytest.UserName:
		g.registry.ServeHTTP(w, r)
	default:
		if token != "" {
			challenge += `,error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}
}
