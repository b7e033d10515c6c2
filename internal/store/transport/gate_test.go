package transport

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// gate is a registry that answers 200, or 201 to writes, to whom it lets in.
// Its tokens are the scopes they are good for, joined by +.
type gate struct {
	// name is scheme://host; the token server is its path /token.
	name string
	// authScheme is bearer or basic, unknown for a registry that is open.
	asks authScheme
	// open says which repositories ask for nothing; nil is none.
	open func(repository string) bool
	// grant chooses what a token is good for; nil grants what was asked for.
	grant func(scopes []string) (granted []string, status int)
	// answer writes a token; nil answers {"token": ...}.
	answer func(token string) any
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		g.serveToken(w, r)
		return
	}
	repository, needed := touched(r)
	switch {
	case g.asks == unknownAuth, g.open != nil && g.open(repository):
	case g.asks == basicAuth && r.Header.Get("Authorization") == basicOf(alice):
	case g.asks == bearerAuth && covers(r, needed):
	default:
		w.Header().Set("WWW-Authenticate", g.challenge())
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.WriteHeader(http.StatusCreated)
	}
}

func (g *gate) challenge() string {
	if g.asks == basicAuth {
		return `Basic realm="registry"`
	}
	return fmt.Sprintf(`Bearer realm="%s/token",service="registry"`, g.name)
}

func (g *gate) serveToken(w http.ResponseWriter, r *http.Request) {
	if auth := r.Header.Get("Authorization"); auth != "" && auth != basicOf(alice) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	granted, status := r.URL.Query()["scope"], http.StatusOK
	if g.grant != nil {
		granted, status = g.grant(granted)
	}
	token := joined(granted)
	var answer any = map[string]any{"token": token}
	if g.answer != nil {
		answer = g.answer(token)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// touched is the repository of a request and the scopes it needs.
func touched(r *http.Request) (repository string, needed []string) {
	path := strings.TrimPrefix(r.URL.Path, "/v2/")
	repository, _, _ = strings.Cut(path, "/manifests/")
	repository, _, _ = strings.Cut(repository, "/blobs/")
	action := "pull,push"
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		action = "pull"
	}
	needed = []string{"repository:" + repository + ":" + action}
	if from := r.URL.Query().Get("from"); from != "" {
		needed = append(needed, "repository:"+from+":pull")
	}
	return repository, needed
}

// covers reports whether the token of a request is good for all it needs.
func covers(r *http.Request, needed []string) bool {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	held := strings.Split(token, "+")
	return !slices.ContainsFunc(needed, func(scope string) bool {
		return !slices.Contains(held, scope) && !slices.Contains(held, scope+",push")
	})
}

// around returns a network with these registries and a transport on it that
// holds alice's credentials for all of them.
func around(gates ...*gate) (*network, *Transport) {
	net, creds := &network{hosts: map[string]http.HandlerFunc{}}, keys{}
	for _, g := range gates {
		_, host, _ := strings.Cut(g.name, "://")
		net.hosts[g.name], creds[host] = g.ServeHTTP, alice
	}
	return net, New(Options{Base: net, Credentials: creds})
}

// tokenURL is how a request for a token of these scopes is noted.
func (g *gate) tokenURL(scopes ...string) string {
	return g.name + "/token?scope=" + strings.NewReplacer(":", "%3A", "/", "%2F", ",", "%2C", " ", "&scope=").
		Replace(strings.Join(scopes, " ")) + "&service=registry"
}

// joined is the gate's token for these scopes.
func joined(scopes []string) string { return strings.Join(scopes, "+") }
