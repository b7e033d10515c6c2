package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// door is the /v2/ of a registry that asks for alice, by password or by a token
// of the server at realm, which gives an identity token to who asks for one.
type door struct {
	realm    string // "" asks for the password itself
	identity string
}

func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	auth := r.Header.Get("Authorization")
	switch {
	case r.URL.Path == "/token" && auth == basicOf(alice):
		token := `{"token":"let-in"`
		if r.URL.Query().Get("offline_token") == "true" && d.identity != "" {
			token += fmt.Sprintf(`,"refresh_token":%q`, d.identity)
		}
		_, _ = fmt.Fprint(w, token+"}")
	case auth == "Bearer let-in" && d.realm != "", auth == basicOf(alice) && d.realm == "":
	default:
		asks := `Basic realm="registry"`
		if d.realm != "" {
			asks = fmt.Sprintf(`Bearer realm=%q,service="registry"`, d.realm)
		}
		w.Header().Set("WWW-Authenticate", asks)
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func TestSignInProvesACredential(t *testing.T) {
	const own = "https://registry.example/token"
	wrong := alice
	wrong.Password = "hole"
	for _, tt := range []struct {
		name   string
		serve  http.Handler
		o      Options
		want   LoginResult
		status int
		says   string
	}{
		{"a password", door{}, Options{Credentials: keys{"registry.example": alice}}, LoginResult{Challenged: true}, 0, ""},
		{"a wrong password", door{}, Options{Credentials: keys{"registry.example": wrong}}, LoginResult{}, 401, "401"},
		{"a token", door{realm: own}, Options{Credentials: keys{"registry.example": alice}}, LoginResult{Challenged: true}, 0, ""},
		{"a wrong password for a token", door{realm: own}, Options{Credentials: keys{"registry.example": wrong}}, LoginResult{}, 401, "token server responded with 401"},
		{"an identity token", door{realm: own, identity: "idt"}, Options{Credentials: keys{"registry.example": alice}}, LoginResult{Challenged: true, IdentityToken: "idt"}, 0, ""},
		{"an open registry", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), Options{Credentials: keys{"registry.example": wrong}}, LoginResult{}, 0, ""},
		{"a broken registry", http.NotFoundHandler(), Options{Credentials: keys{"registry.example": alice}}, LoginResult{}, 404, "404"},
		{"a token server elsewhere", door{realm: "https://trap.example/token"}, Options{Credentials: keys{"registry.example": alice}}, LoginResult{}, 0, "--realm-host trap.example"},
		{"one that is allowed", door{realm: "https://trap.example/token"}, Options{Credentials: keys{"registry.example": alice}, Host: set(HostConfig{RealmHosts: []string{"trap.example"}})}, LoginResult{Challenged: true}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": tt.serve.ServeHTTP, "https://trap.example": tt.serve.ServeHTTP}}
			tt.o.Base = net
			got, err := New(tt.o).CheckLogin(t.Context(), "registry.example")
			if got != tt.want || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%+v, %v; want %+v, %q", got, err, tt.want, tt.says)
			}
			var answer *transport.Error
			var token *TokenError
			if tt.status != 0 && (!errors.As(err, &answer) || answer.StatusCode != tt.status) && (!errors.As(err, &token) || token.Status != tt.status) {
				t.Errorf("%v, want status %d", err, tt.status)
			}
			for line := range net.count() {
				if strings.Contains(line, "trap.example") && tt.o.Host == nil {
					t.Errorf("it went to %s", line)
				}
			}
		})
	}
}
