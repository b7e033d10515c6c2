package transport

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-containerregistry/pkg/authn"
)

func TestOnlyTheFirstRequestPaysForBasic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: basicAuth}
		net, tr := around(registry)
		release := make(chan struct{})
		net.hosts[registry.name] = held(registry.ServeHTTP, release)
		tr.Announce("registry.example", "a", false)
		go together(many, func(int) { wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/manifests/1", "") })
		synctest.Wait() // everyone is here before the first answer
		close(release)
		synctest.Wait()
		net.wantExactly(t, map[string]int{
			"GET https://registry.example/v2/a/manifests/1 - 401":            1,
			"GET https://registry.example/v2/a/manifests/1 alice:rabbit 200": many,
		})
	})
}

func TestAWrongPasswordIsFinal(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: basicAuth}
	net := &network{hosts: map[string]http.HandlerFunc{registry.name: registry.ServeHTTP}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": {Username: "alice", Password: "hatter"}}})
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 401, "GET", "https://registry.example/v2/a/manifests/1", "")
	net.wantExactly(t, map[string]int{
		"GET https://registry.example/v2/a/manifests/1 - 401":            1,
		"GET https://registry.example/v2/a/manifests/1 alice:hatter 401": 1,
	})
}

func TestA401ThatNothingAnswersIsTheAnswer(t *testing.T) {
	tests := []struct {
		name, challenge string
		key             authn.AuthConfig
	}{
		{"Basic without a password", `Basic realm="r"`, authn.AuthConfig{}},
		{"a scheme we do not speak", `Negotiate`, alice},
		{"no challenge at all", ``, alice},
		{"a token server that is not named", `Bearer service="s"`, alice},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", tt.challenge)
				http.Error(w, "who are you", http.StatusUnauthorized)
			}}}
			tr := New(Options{Base: net, Credentials: keys{"registry.example": tt.key}})
			tr.Announce("registry.example", "a", false)
			wantStatus(t, tr, 401, "GET", "https://registry.example/v2/a/manifests/1", "")
			want := map[string]int{"GET https://registry.example/v2/a/manifests/1 - 401": 1}
			if tt.challenge == "" { // one may be sent at /v2/
				want["GET https://registry.example/v2/ - 401"] = 1
			}
			net.wantExactly(t, want)
		})
	}
}

// TestChallengesThatChangeAllTheTimeEnd is about a registry that asks for
// something else whatever it gets.
func TestChallengesThatChangeAllTheTimeEnd(t *testing.T) {
	calls := 0
	net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			fmt.Fprint(w, `{"token":"t"}`)
			return
		}
		calls++
		challenge := `Basic realm="r"`
		if strings.HasPrefix(r.Header.Get("Authorization"), "Basic") {
			challenge = `Bearer realm="https://registry.example/token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
	for _, repository := range []string{"a", "b"} { // the token of the run is not an exact one
		tr.Announce("registry.example", repository, false)
	}
	wantStatus(t, tr, 401, "GET", "https://registry.example/v2/a/manifests/1", "")
	if calls > maxChallenges+1 {
		t.Errorf("the request was sent %d times, want at most %d", calls, maxChallenges+1)
	}
}
