package transport

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hiding is a registry that challenges at /v2/ only and hides repository a from
// requests without a login.
func hiding(inner *gate, status, ping int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		isPing := r.URL.Path == "/v2/"
		switch {
		case r.URL.Path == "/token" || r.Header.Get("Authorization") != "":
			inner.ServeHTTP(w, r)
		case isPing && ping == http.StatusUnauthorized:
			inner.ServeHTTP(w, r)
		case isPing:
			w.WriteHeader(ping)
		case strings.HasPrefix(r.URL.Path, "/v2/a/"):
			w.WriteHeader(status)
		}
	}
}

func TestARegistryThatHidesContent(t *testing.T) {
	const url = "https://registry.example/v2/a/manifests/1"
	for _, status := range []int{401, 403, 404} {
		for name, asks := range map[string]authScheme{"basic": basicAuth, "bearer": bearerAuth} {
			t.Run(name+" "+statusText(status), func(t *testing.T) {
				g := &gate{name: "https://registry.example", asks: asks}
				net, tr := around(g)
				net.hosts[g.name] = hiding(g, status, http.StatusUnauthorized)
				tr.Announce("registry.example", "a", false)
				for range 2 {
					wantStatus(t, tr, 200, "GET", url, "")
				}
				want := map[string]int{
					"GET " + url + " - " + statusText(status): 1,
					"GET https://registry.example/v2/ - 401":  1,
					"GET " + url + " alice:rabbit 200":        2,
				}
				if asks == bearerAuth {
					want = map[string]int{
						"GET " + url + " - " + statusText(status):                      1,
						"GET https://registry.example/v2/ - 401":                       1,
						"GET " + g.tokenURL("repository:a:pull") + " alice:rabbit 200": 1,
						"GET " + url + " repository:a:pull 200":                        2,
					}
				}
				net.wantExactly(t, want)
			})
		}
	}
}

// TestHiddenContentIsAskedForOnce has a wave of requests share one /v2/, and a
// registry without a challenge there is believed.
func TestHiddenContentIsAskedForOnce(t *testing.T) {
	const url = "https://registry.example/v2/a/manifests/1"
	for name, tt := range map[string]struct {
		creds  keys
		ping   int
		pings  int
		status int
		fails  bool
	}{
		"no login":              {nil, 401, 0, 404, false},
		"an open registry":      {keys{"registry.example": alice}, 200, 1, 404, false},
		"no /v2/":               {keys{"registry.example": alice}, 404, 1, 404, false},
		"a /v2/ that is denied": {keys{"registry.example": alice}, 403, 1, 404, false},
		"a registry that fails": {keys{"registry.example": alice}, 503, 5, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			registry := hiding(&gate{name: "https://registry.example", asks: basicAuth}, 404, tt.ping)
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v2/" {
					synctest.Wait() // all requests of the wave have started
				}
				registry(w, r)
			}}}
			synctest.Test(t, func(t *testing.T) {
				tr := New(Options{Base: net, Credentials: tt.creds, Timing: Timing{Wait: func(context.Context, time.Duration) error { return nil }}})
				tr.Announce("registry.example", "a", false)
				together(5, func(int) {
					status, err := send(t.Context(), tr, "GET", url, "")
					if status != tt.status || (err != nil) != tt.fails {
						t.Errorf("status %d, %v", status, err)
					}
				})
			})
			pings := 0
			for line, n := range net.count() {
				if strings.Contains(line, "/v2/ ") {
					pings += n
				}
				if strings.Contains(line, "rabbit") {
					t.Errorf("a password was sent: %s", line)
				}
			}
			if pings != tt.pings {
				t.Errorf("/v2/ was requested %d times, want %d", pings, tt.pings)
			}
		})
	}
}

// TestAFailedPingIsRepeated has a /v2/ that fails once: the error is that of the first
// request only.
func TestAFailedPingIsRepeated(t *testing.T) {
	const url = "https://registry.example/v2/a/manifests/1"
	g := &gate{name: "https://registry.example", asks: basicAuth}
	ping := http.StatusServiceUnavailable
	net := &network{hosts: map[string]http.HandlerFunc{g.name: func(w http.ResponseWriter, r *http.Request) {
		hiding(g, http.StatusNotFound, ping)(w, r)
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}, Timing: Timing{Wait: func(context.Context, time.Duration) error { return nil }}})
	tr.Announce("registry.example", "a", false)
	if _, err := send(t.Context(), tr, "GET", url, ""); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v, want the failure of /v2/", err)
	}
	ping = http.StatusUnauthorized
	wantStatus(t, tr, 200, "GET", url, "")
}

// TestATokenWithoutScopesIsRejected is Harbor's /v2/: it requires a token, rejects the
// one without scopes, and takes the password.
func TestATokenWithoutScopesIsRejected(t *testing.T) {
	net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
		switch auth := r.Header.Get("Authorization"); {
		case r.URL.Path == "/token":
			_, _ = w.Write([]byte(`{"token":"t","refresh_token":"useless"}`))
			return
		case auth == basicOf(alice):
			return
		case auth == "":
			w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token",service="harbor-registry"`)
		default:
			w.Header().Set("WWW-Authenticate", `Basic realm="harbor"`)
		}
		w.WriteHeader(http.StatusUnauthorized)
	}}}
	got, err := New(Options{Base: net, Credentials: keys{"registry.example": alice}}).CheckLogin(t.Context(), "registry.example")
	if err != nil || got != (LoginResult{Challenged: true}) {
		t.Errorf("got %+v, %v", got, err)
	}
	net.wantExactly(t, map[string]int{
		"GET https://registry.example/v2/ - 401":                                                         1,
		"GET https://registry.example/token?offline_token=true&service=harbor-registry alice:rabbit 200": 1,
		"GET https://registry.example/v2/ t 401":                                                         1,
		"GET https://registry.example/v2/ alice:rabbit 200":                                              1,
	})
}
