package transport

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

// shared is a registry of several users: each may do everything below the
// path prefix of their own name, and nothing elsewhere. Its tokens are those of a
// gate.
func shared(asks authScheme) *gate {
	return &gate{name: "https://registry.example", asks: asks}
}

// byOwner answers for a shared registry.
func (g *gate) byOwner(w http.ResponseWriter, r *http.Request) {
	user, _, _ := r.BasicAuth()
	if r.URL.Path == "/token" {
		var granted []string
		for _, scope := range r.URL.Query()["scope"] {
			if strings.HasPrefix(scope, "repository:"+user+"/") {
				granted = append(granted, scope)
			}
		}
		// A token says how much was asked for, so that no two are the same.
		granted = append(granted, fmt.Sprint(len(r.URL.Query()["scope"])))
		_ = json.NewEncoder(w).Encode(map[string]any{"token": joined(granted)})
		return
	}
	repository, _ := touched(r)
	if g.asks == basicAuth && user != "" && strings.HasPrefix(repository, user+"/") {
		return
	}
	g.ServeHTTP(w, r)
}

// twoFolders is a network with a shared registry, and a transport on it that
// holds a credential for each of two path prefixes of it and none for the rest.
func twoFolders(asks authScheme) (*network, *Transport, *gate) {
	g := shared(asks)
	net := &network{hosts: map[string]http.HandlerFunc{g.name: g.byOwner}}
	creds := keys{
		"registry.example/team":  authn.AuthConfig{Username: "team", Password: "t"},
		"registry.example/other": authn.AuthConfig{Username: "other", Password: "o"},
	}
	return net, New(Options{Base: net, Credentials: creds}), g
}

func TestFault15EachRepositoryIsAskedWithItsOwnCredential(t *testing.T) {
	net, tr, _ := twoFolders(basicAuth)
	for _, repository := range []string{"team/app", "other/app"} {
		tr.Announce("registry.example", repository, false)
	}
	for range 2 {
		wantStatus(t, tr, 200, "GET", manifestOf("team/app"), "")
		wantStatus(t, tr, 200, "GET", manifestOf("other/app"), "")
		wantStatus(t, tr, 401, "GET", manifestOf("third/app"), "")
	}
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("team/app") + " - 401":        1,
		"GET " + manifestOf("team/app") + " team:t 200":   2,
		"GET " + manifestOf("other/app") + " - 401":       1,
		"GET " + manifestOf("other/app") + " other:o 200": 2,
		"GET " + manifestOf("third/app") + " - 401":       2,
	})
}

func TestFault15TokensAreAskedForByCredential(t *testing.T) {
	net, tr, registry := twoFolders(bearerAuth)
	tr.Announce("registry.example", "team/a", false)
	tr.Announce("registry.example", "team/b", false)
	tr.Announce("registry.example", "other/d", true)
	wantStatus(t, tr, 200, "GET", manifestOf("team/a"), "")
	wantStatus(t, tr, 200, "GET", manifestOf("team/b"), "")
	wantStatus(t, tr, 201, "PUT", manifestOf("other/d"), "{}")
	mount := "https://registry.example/v2/other/d/blobs/uploads/?mount=x&from=team/a"
	// What is refused is refused for good; the store uploads then.
	wantStatus(t, tr, 401, "POST", mount, "")
	wantStatus(t, tr, 201, "PUT", manifestOf("other/d"), "{}")
	team := []string{"repository:team/a:pull", "repository:team/b:pull"}
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("team/a") + " - 401":                                                              1,
		"GET " + registry.tokenURL(team...) + " team:t 200":                                                   1,
		"GET " + manifestOf("team/a") + " " + joined(team) + "+2 200":                                         1,
		"GET " + manifestOf("team/b") + " " + joined(team) + "+2 200":                                         1,
		"PUT " + manifestOf("other/d") + " - 401":                                                             1,
		"GET " + registry.tokenURL("repository:other/d:pull,push") + " other:o 200":                           1,
		"PUT " + manifestOf("other/d") + " repository:other/d:pull,push+1 201":                                2,
		"GET " + registry.tokenURL("repository:other/d:pull,push", "repository:team/a:pull") + " other:o 200": 1,
		fmt.Sprintf("POST %s repository:other/d:pull,push+2 401", mount):                                      1,
	})
}

// TestFault15AnUploadElsewhereOnTheHostKeepsItsCredential is about registries
// whose uploads continue at a path that names no repository, and about those that
// redirect to one.
func TestFault15AnUploadElsewhereOnTheHostKeepsItsCredential(t *testing.T) {
	net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
		switch user, _, _ := r.BasicAuth(); {
		case user != "team":
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		case strings.HasSuffix(r.URL.Path, "/manifests/1"):
			http.Redirect(w, r, "/elsewhere/manifest", http.StatusTemporaryRedirect)
		}
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example/team": authn.AuthConfig{Username: "team", Password: "t"}}})
	tr.Announce("registry.example", "team/app", true)
	wantStatus(t, tr, 200, "GET", manifestOf("team/app"), "")
	ctx := With(t.Context(), InRepository("team/app"))
	if status, err := send(ctx, tr, "PUT", "https://registry.example/uploads/1", "bytes"); status != 200 || err != nil {
		t.Errorf("the upload is answered %d, %v", status, err)
	}
	wantStatus(t, tr, 401, "PUT", "https://registry.example/uploads/2", "bytes")
}
