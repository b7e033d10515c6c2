package transport

import (
	"net/http"
	"strings"
	"testing"
)

// trapped returns a network of a registry of alice's and of other hosts, each
// of which answers 200 and asks for a password first, and a check that none of
// those got anything.
func trapped(g *gate, traps ...string) (net *network, tr *Transport, check func(t *testing.T)) {
	net, tr = around(g)
	for _, name := range traps {
		net.hosts[name] = func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.RawQuery, "quiet") {
				w.Header().Set("WWW-Authenticate", `Basic realm="give it to me"`)
				w.WriteHeader(http.StatusUnauthorized)
			}
		}
	}
	return net, tr, func(t *testing.T) {
		t.Helper()
		for line := range net.count() {
			for _, name := range traps {
				if strings.Contains(line, " "+name+"/") && !strings.Contains(line, " - ") {
					t.Errorf("a trap got a credential: %s", line)
				}
			}
		}
	}
}

func TestCredentialsStayAtHome(t *testing.T) {
	tests := []struct {
		name   string
		asks   authScheme
		method string
		target string
		status int
	}{
		{"a storage host, behind Basic", basicAuth, "GET", "https://storage.example/blob?quiet=1", 200},
		{"a storage host, behind a token", bearerAuth, "GET", "https://storage.example/blob?quiet=1", 200},
		{"a storage host that asks for a password", basicAuth, "GET", "https://storage.example/blob", 401},
		{"the same name on another port", basicAuth, "GET", "https://registry.example:8443/v2/a/manifests/1", 401},
		{"a name below the registry's", bearerAuth, "GET", "https://evil.registry.example/v2/a/manifests/1", 401},
		{"an upload to another host", bearerAuth, "PUT", "https://storage.example/upload", 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			registry := &gate{name: "https://registry.example", asks: tt.asks}
			net, tr, check := trapped(registry,
				"https://storage.example", "https://registry.example:8443", "https://evil.registry.example")
			net.hosts[registry.name] = behind(registry, tt.target)
			tr.Announce("registry.example", "a", true)
			wantStatus(t, tr, tt.status, tt.method, "https://registry.example/v2/a/manifests/1", "")
			check(t)
		})
	}
}

// behind is a registry that sends everybody it lets in elsewhere.
func behind(g *gate, target string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, needed := touched(r)
		if r.URL.Path == "/token" || g.asks == basicAuth && shown(r) == "-" || g.asks == bearerAuth && !covers(r, needed) {
			g.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// TestARegistryCannotSpendAnothersCredentials is about a redirect from one
// registry of a run to another one: both are known, and still the request is
// not the user's.
func TestARegistryCannotSpendAnothersCredentials(t *testing.T) {
	victim := &gate{name: "https://victim.example", asks: basicAuth}
	evil := &gate{name: "https://evil.example"}
	net, tr := around(victim, evil)
	net.hosts[evil.name] = behind(evil, "https://victim.example/v2/a/manifests/stolen")
	tr.Announce("victim.example", "a", true)
	tr.Announce("evil.example", "b", false)
	wantStatus(t, tr, 201, "PUT", "https://victim.example/v2/a/manifests/1", "{}")
	wantStatus(t, tr, 401, "GET", "https://evil.example/v2/b/manifests/1", "")
	net.wantExactly(t, map[string]int{
		"PUT https://victim.example/v2/a/manifests/1 - 401":            1,
		"PUT https://victim.example/v2/a/manifests/1 alice:rabbit 201": 1,
		"GET https://evil.example/v2/b/manifests/1 - 307":              1,
		"GET https://victim.example/v2/a/manifests/stolen - 401":       1,
	})
}

func TestABareRequestCarriesNothing(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: basicAuth}
	net, tr := around(registry)
	tr.Announce("registry.example", "a", true)
	wantStatus(t, tr, 201, "PUT", manifestOf("a"), "{}")
	status, err := send(With(t.Context(), Anonymous), tr, "PUT", manifestOf("a"), "{}")
	if err != nil || status != 401 {
		t.Errorf("status %d, error %v", status, err)
	}
	net.wantExactly(t, map[string]int{
		"PUT " + manifestOf("a") + " - 401":            2,
		"PUT " + manifestOf("a") + " alice:rabbit 201": 1,
	})
}

func TestRegistriesThatWereNotAnnouncedAreNobodys(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: basicAuth}
	net, tr := around(registry)
	wantStatus(t, tr, 401, "GET", manifestOf("a"), "")
	net.wantExactly(t, map[string]int{"GET " + manifestOf("a") + " - 401": 1})
}

// TestAPasswordForHTTPSDoesNotGoInClear is about a host that is spoken to in
// plain http and names a token server of the same name on https.
func TestAPasswordForHTTPSDoesNotGoInClear(t *testing.T) {
	plain := &gate{name: "http://registry.example", asks: bearerAuth}
	secure := &gate{name: "https://registry.example"}
	net := &network{hosts: map[string]http.HandlerFunc{
		plain.name:  func(w http.ResponseWriter, r *http.Request) { challengeOf(plain, secure)(w, r) },
		secure.name: secure.ServeHTTP,
	}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}, Host: set(HostConfig{PlainHTTP: true})})
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/manifests/1", "")
	net.wantExactly(t, map[string]int{
		"GET http://registry.example/v2/a/manifests/1 - 401":                           1,
		"GET " + secure.tokenURL("repository:a:pull") + " alice:rabbit 200":            1,
		"GET http://registry.example/v2/a/manifests/1 " + "repository:a:pull" + " 200": 1,
	})
}

// challengeOf is one registry that names the token server of another.
func challengeOf(g, tokens *gate) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, needed := touched(r)
		if !covers(r, needed) {
			w.Header().Set("WWW-Authenticate", tokens.challenge())
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		g.ServeHTTP(w, r)
	}
}
