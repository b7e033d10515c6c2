package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
)

// oneLogin is the same login for all registries.
type oneLogin authn.AuthConfig

func (oneLogin) Namespace(string, string) string { return "" }

func (l oneLogin) Credential(context.Context, string, string) (authn.AuthConfig, error) {
	return authn.AuthConfig(l), nil
}

// tokenRegistry is a registry with a token server. seen are the requests to it.
func tokenRegistry(t *testing.T, realm, grant string) (host string, seen func() []string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			user, _, _ := r.BasicAuth()
			mu.Lock()
			all = append(all, r.Method+" "+user)
			mu.Unlock()
			_, _ = io.WriteString(w, grant)
			return
		}
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", strings.ReplaceAll(realm, "HOST", r.Host))
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

const ownRealm = `Bearer realm="http://HOST/token",service="s"`

// TestOnToken: an observer gets the exchanges of both kinds of requests, without
// secrets.
func TestOnToken(t *testing.T) {
	for name, tt := range map[string]struct {
		login  oneLogin
		method string
	}{
		"password":       {oneLogin{Username: "alice", Password: "c4nary-password"}, http.MethodGet},
		"identity token": {oneLogin{IdentityToken: "c4nary-identity"}, http.MethodPost},
	} {
		t.Run(name, func(t *testing.T) {
			host, _ := tokenRegistry(t, ownRealm, `{"access_token":"c4nary-token","expires_in":"300"}`)
			at := New(Options{Credentials: tt.login})
			at.Announce(host, "one", true)
			at.Announce(host, "two", true)
			var got []TokenExchange
			ctx := With(t.Context(), OnToken(func(e TokenExchange) { got = append(got, e) }))
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/v2/one/tags/list", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := at.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			Discard(resp)
			if len(got) != 1 || got[0].Method != tt.method || got[0].Status != http.StatusOK || got[0].ExpiresIn != `"300"` {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff([]string{"repository:one:pull,push", "repository:two:pull,push"}, got[0].Scopes); diff != "" {
				t.Error(diff)
			}
			if text := fmt.Sprintf("%+v", got); strings.Contains(text, "c4nary") {
				t.Errorf("the exchange has a secret: %s", text)
			}
			if !LoginStateOfResponse(resp).Sent {
				t.Error("the login was sent, and the response does not show that")
			}
		})
	}
}

// TestRequestToken: a request of a check uses the rules for realms, and never the login
// of the run.
func TestRequestToken(t *testing.T) {
	for name, tt := range map[string]struct {
		challenge, user string
		want            []string
		err             string
	}{
		"anonymous":      {ownRealm, "", []string{"GET "}, ""},
		"another user":   {ownRealm, "mallory", []string{"GET mallory"}, ""},
		"userinfo":       {`Bearer realm="http://x@HOST/token"`, "", nil, "before the @"},
		"another scheme": {`Bearer realm="ftp://HOST/token"`, "", nil, "neither http nor https"},
		"no realm":       {`Bearer service="s"`, "", nil, "no Bearer challenge"},
		"basic":          {`Basic realm="http://HOST/token"`, "mallory", nil, "no Bearer challenge"},
	} {
		t.Run(name, func(t *testing.T) {
			host, seen := tokenRegistry(t, ownRealm, `{"token":"c4nary-token"}`)
			at := New(Options{Credentials: oneLogin{Username: "alice", Password: "c4nary-password"}})
			at.Announce(host, "one", true)
			got, err := at.RequestToken(t.Context(), TokenRequest{
				Registry: host, Username: tt.user, Password: tt.user, Scopes: []string{"repository:one:pull"},
				Header: http.Header{"Www-Authenticate": {strings.ReplaceAll(tt.challenge, "HOST", host)}},
			})
			if diff := cmp.Diff(tt.want, seen()); diff != "" {
				t.Errorf("requests to the token server: %s", diff)
			}
			if tt.err == "" && (err != nil || got.Status != http.StatusOK) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestRequestToken_PrivateAddress: through a proxy too, a registry with a public
// address does not lead to a private one.
func TestRequestToken_PrivateAddress(t *testing.T) {
	at := New(Options{Base: unreachable{t}})
	at.Announce("registry.example", "one", true)
	_, err := at.RequestToken(t.Context(), TokenRequest{
		Registry: "registry.example", Header: http.Header{"Www-Authenticate": {`Bearer realm="https://10.0.0.1/token"`}},
	})
	if err == nil {
		t.Error("the realm was accepted")
	}
}

// unreachable is a network that must not be used.
type unreachable struct{ t *testing.T }

func (u unreachable) RoundTrip(req *http.Request) (*http.Response, error) {
	u.t.Errorf("%s was requested", req.URL)
	return nil, io.EOF
}

// TestDeleteScope: DELETE is an action of its own in a token.
func TestDeleteScope(t *testing.T) {
	host, _ := tokenRegistry(t, ownRealm, `{"token":"c4nary-token"}`)
	at := New(Options{Credentials: oneLogin{Username: "alice", Password: "c4nary-password"}})
	at.Announce(host, "one", true)
	var got []string
	ctx := With(t.Context(), OnToken(func(e TokenExchange) { got = append(got, e.Scopes...) }))
	for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodDelete} {
		req, err := http.NewRequestWithContext(ctx, method, "http://"+host+"/v2/one/manifests/tag", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := at.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		Discard(resp)
	}
	if diff := cmp.Diff([]string{"repository:one:pull,push", "repository:one:pull,push,delete"}, got); diff != "" {
		t.Error(diff)
	}
}
