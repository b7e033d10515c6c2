package transport

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// pushPlan announces a push to d from n sources and returns the scopes of the
// token that covers it.
func pushPlan(tr *Transport, n int) []string {
	tr.Announce("registry.example", "d", true)
	scopes := []string{"repository:d:pull,push"}
	for i := range n {
		tr.Announce("registry.example", fmt.Sprintf("source%d", i), false)
		scopes = append(scopes, fmt.Sprintf("repository:source%d:pull", i))
	}
	return scopes
}

func manifestOf(repository string) string {
	return "https://registry.example/v2/" + repository + "/manifests/1"
}

func TestOneTokenServesTheWholePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: bearerAuth}
		net, tr := around(registry)
		release := make(chan struct{})
		net.hosts[registry.name] = held(registry.ServeHTTP, release)
		scopes := pushPlan(tr, many)
		token := joined(scopes)
		go wantStatus(t, tr, 200, "GET", manifestOf("source0"), "")
		synctest.Wait() // this one leads
		go together(many-1, func(i int) { wantStatus(t, tr, 200, "GET", manifestOf(fmt.Sprintf("source%d", i+1)), "") })
		go wantStatus(t, tr, 201, "PUT", manifestOf("d"), "{}")
		synctest.Wait()
		close(release)
		synctest.Wait()
		want := map[string]int{
			"GET " + manifestOf("source0") + " - 401":                   1,
			"GET " + registry.tokenURL(scopes...) + " alice:rabbit 200": 1,
			"PUT " + manifestOf("d") + " " + token + " 201":             1,
		}
		for i := range many {
			want["GET "+manifestOf(fmt.Sprintf("source%d", i))+" "+token+" 200"] = 1
		}
		net.wantExactly(t, want)
	})
}

// TestATokenIsAtHandWhenTheFirstRequestIsRepeated holds that waiting requests
// are sent in parallel with that repetition, not after it.
func TestATokenIsAtHandWhenTheFirstRequestIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: bearerAuth}
		net, tr := around(registry)
		let, arrived := make(chan struct{}), make(chan struct{}, many)
		net.hosts[registry.name] = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/token" && r.Header.Get("Authorization") != "" {
				arrived <- struct{}{}
				<-let
			}
			registry.ServeHTTP(w, r)
		}
		tr.Announce("registry.example", "a", false)
		go together(many, func(int) { wantStatus(t, tr, 200, "GET", manifestOf("a"), "") })
		synctest.Wait()
		if got := len(arrived); got != many {
			t.Errorf("%d requests carry the token before any is answered, want %d", got, many)
		}
		close(let)
		synctest.Wait()
	})
}

func TestATokenMayBeCalledAccessToken(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth, answer: func(token string) any {
		return map[string]any{"access_token": token, "expires_in": 300}
	}}
	_, tr := around(registry)
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
}

func TestFault59ATokenIsRenewedBeforeItExpires(t *testing.T) {
	tests := []struct {
		name      string
		expiresIn int
		after     time.Duration
		tokens    int
	}{
		{"young", 300, 200 * time.Second, 1},
		{"near its end", 300, 250 * time.Second, 2},
		{"no word of its life: a minute", 0, 50 * time.Second, 2},
		{"no word of its life, young", 0, 40 * time.Second, 1},
		{"a life that is nonsense", -5, 50 * time.Second, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				registry := &gate{name: "https://registry.example", asks: bearerAuth, answer: func(token string) any {
					return map[string]any{"token": token, "expires_in": tt.expiresIn}
				}}
				net, tr := around(registry)
				tr.Announce("registry.example", "a", false)
				wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
				time.Sleep(tt.after) // the bubble's clock: no time passes
				together(many, func(int) { wantStatus(t, tr, 200, "GET", manifestOf("a"), "") })
				net.wantExactly(t, map[string]int{
					"GET " + manifestOf("a") + " - 401":                                             1,
					"GET " + registry.tokenURL("repository:a:pull") + " alice:rabbit 200":           tt.tokens,
					"GET " + manifestOf("a") + " " + joined([]string{"repository:a:pull"}) + " 200": many + 1,
				})
			})
		})
	}
}

func TestARegistryTokenIsSentAsItIs(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth}
	net := &network{hosts: map[string]http.HandlerFunc{registry.name: registry.ServeHTTP}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": authn.AuthConfig{RegistryToken: "repository:a:pull"}}})
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
	wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("a") + " - 401":                 1,
		"GET " + manifestOf("a") + " repository:a:pull 200": 2,
	})
}

func TestAnIdentityTokenIsExchanged(t *testing.T) {
	var form string
	net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			form = r.Method + " " + bodyOf(r)
			fmt.Fprint(w, `{"access_token":"t"}`)
		case r.Header.Get("Authorization") != "Bearer t":
			w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token",service="s"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": {IdentityToken: "identity"}}})
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
	const want = "POST client_id=go-containerregistry&grant_type=refresh_token&refresh_token=identity&scope=repository%3Aa%3Apull&service=s"
	if form != want {
		t.Errorf("the token server was sent\n%s, want\n%s", form, want)
	}
}

func TestARegistryThatAsksInSomeRepositoriesOnly(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth, open: func(r string) bool { return r == "public" }}
	net, tr := around(registry)
	tr.Announce("registry.example", "public", false)
	tr.Announce("registry.example", "private", false)
	wantStatus(t, tr, 200, "GET", manifestOf("public"), "")
	wantStatus(t, tr, 200, "GET", manifestOf("private"), "")
	wantStatus(t, tr, 200, "GET", manifestOf("private"), "")
	scopes := []string{"repository:public:pull", "repository:private:pull"}
	want := map[string]int{
		"GET " + manifestOf("public") + " - 200":                       1,
		"GET " + manifestOf("private") + " - 401":                      1,
		"GET " + registry.tokenURL(scopes...) + " alice:rabbit 200":    1,
		"GET " + manifestOf("private") + " " + joined(scopes) + " 200": 2,
	}
	net.wantExactly(t, want)

	// What is announced later is covered by a new token, without another 401.
	tr.Announce("registry.example", "later", false)
	wantStatus(t, tr, 200, "GET", manifestOf("later"), "")
	scopes = append(scopes, "repository:later:pull")
	maps.Copy(want, map[string]int{
		"GET " + registry.tokenURL(scopes...) + " alice:rabbit 200":  1,
		"GET " + manifestOf("later") + " " + joined(scopes) + " 200": 1,
	})
	net.wantExactly(t, want)
}
