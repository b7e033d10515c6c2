//go:build e2e

package registrytest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// The hosts that the parrot plays. They are reached through it alone.
const (
	EchoHost    = "registry.test"
	echoStorage = "storage.test"
)

// secretsOf is a value of each kind of secret that a run may hold or be told.
func Secret(kind string) string { return "c4nary-" + kind + "-0123456789abcdef" }

// kindsOfSecrets are the secrets that parrots tell, and hear.
func secretKinds() []string {
	return []string{"password", "bearer", "identity", "refresh", "registrytoken", "presigned", "cookie", "state", "proxy"}
}

// echoServer is an HTTP proxy, a registry and a storage host that repeat every
// secret they were sent, and those they made up, wherever they can: in headers,
// cookies, Locations and the bodies of errors.
type EchoServer struct {
	at         string
	next       http.Handler
	wantsLogin string // Basic or Bearer
	fails      func(*http.Request) int

	mu     sync.Mutex
	heard  map[string]bool // kinds of secrets that were exchanged
	states []string        // upload states that the registry made up
}

// StartEchoServer starts one in front of an open registry.
func (g *Registry) StartEchoServer(t *testing.T, asks string, fails func(*http.Request) int) *EchoServer {
	t.Helper()
	listener := Listen(t)
	p := &EchoServer{at: listener.Addr().String(), wantsLogin: asks, fails: fails, heard: map[string]bool{}}
	pass := passTo(t, g.Scheme+"://"+g.Host, g.Client.Transport)
	pass.ModifyResponse = p.repeat
	p.next = pass
	server := &http.Server{Handler: p}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// Env makes a process take the parrot for its proxy.
func (p *EchoServer) Env() []string {
	at := "http://proxyuser:" + Secret("proxy") + "@" + p.at
	return []string{"HTTP_PROXY=" + at, "HTTPS_PROXY=" + at}
}

// ServeHTTP answers one request of the tool.
func (p *EchoServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.listen(r)
	p.addHeaders(w.Header())
	upload := strings.Contains(r.URL.Path, "/blobs/uploads/")
	open := r.URL.Path == "/token" || r.URL.Host == echoStorage
	switch status := p.fails(r); {
	case r.Method == http.MethodConnect:
		p.fail(w, r, http.StatusForbidden)
	case !open && r.Header.Get("Authorization") == "":
		w.Header().Set("WWW-Authenticate", p.wantsLogin+` realm="http://`+EchoHost+`/token",service="s",error="`+p.all()+`"`)
		p.fail(w, r, http.StatusUnauthorized)
	case status != 0:
		p.fail(w, r, status)
	case r.URL.Path == "/token":
		_, _ = fmt.Fprintf(w, `{"token":%q,"refresh_token":%q,"expires_in":300}`, p.recordSaid("bearer"), p.recordSaid("refresh"))
	case r.URL.Host == echoStorage:
		r.Host = EchoHost
		p.next.ServeHTTP(w, r)
	case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") && !upload:
		w.Header().Set("Location", "http://"+echoStorage+r.URL.Path+"?X-Amz-Signature="+p.recordSaid("presigned"))
		w.WriteHeader(http.StatusTemporaryRedirect)
	case upload && r.URL.Query().Has("mount"):
		r.URL.RawQuery = "" // blobs are to be uploaded, not mounted
		p.next.ServeHTTP(w, r)
	default:
		p.next.ServeHTTP(w, r)
	}
}

// listen notes which secrets came.
func (p *EchoServer) listen(r *http.Request) {
	body := ""
	if r.URL.Path == "/token" {
		_ = r.ParseForm()
		body = r.Form.Encode()
	}
	said := r.URL.String() + body
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		scheme, value, _ := strings.Cut(r.Header.Get(name), " ")
		if plain, err := base64.StdEncoding.DecodeString(value); scheme == "Basic" && err == nil {
			value = string(plain)
		}
		said += scheme + value
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kind := range secretKinds() {
		p.heard[kind] = p.heard[kind] || strings.Contains(said, Secret(kind))
	}
	if state := r.URL.Query().Get("_state"); len(state) > 20 {
		p.states = append(p.states, state)
	}
}

// all is every secret that was exchanged in one line, as it is and as it stands
// in a header. A secret that nobody has said is none of the tool's.
func (p *EchoServer) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var said []string
	for _, kind := range secretKinds() {
		if p.heard[kind] {
			said = append(said, Secret(kind))
		}
	}
	said = append(said, p.states...)
	for kind, form := range basicForms() {
		if p.heard[kind] {
			said = append(said, form)
		}
	}
	return strings.Join(said, " ")
}

// basicForms are the passwords as Basic authorization has them.
func basicForms() map[string]string {
	return map[string]string{
		"password": base64.StdEncoding.EncodeToString([]byte(UserName + ":" + Secret("password"))),
		"proxy":    base64.StdEncoding.EncodeToString([]byte("proxyuser:" + Secret("proxy"))),
	}
}

// recordSaid notes a secret that the parrot itself is about to say.
func (p *EchoServer) recordSaid(kind string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[kind] = true
	return Secret(kind)
}

func (p *EchoServer) addHeaders(h http.Header) {
	h.Set("Set-Cookie", "session="+p.recordSaid("cookie"))
	h.Set("Warning", `299 - "`+p.all()+`"`)
	h.Set("X-Repeated", p.all())
}

// fail answers with an error that repeats everything.
func (p *EchoServer) fail(w http.ResponseWriter, r *http.Request, status int) {
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusTeapot { // a page that is no registry's error
		_, _ = fmt.Fprintf(w, "<html>%s %s</html>", r.URL, p.all())
		return
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]any{{
		"code": "DENIED", "message": r.URL.String() + " " + p.all(), "detail": p.all(),
	}}})
}

// repeat puts a state of the parrot's own beside that of the registry.
func (p *EchoServer) repeat(resp *http.Response) error {
	p.addHeaders(resp.Header)
	u, err := resp.Location()
	if err != nil {
		return nil
	}
	query := u.Query()
	if query.Has("_state") {
		query.Set("parrot_state", p.recordSaid("state"))
	}
	shown := url.URL{Scheme: "http", Host: EchoHost, Path: u.Path, RawQuery: query.Encode()}
	resp.Header.Set("Location", shown.String())
	return nil
}

func (p *EchoServer) HasSeen(kind string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heard[kind]
}

// WantNoSecrets fails the test when a text holds a secret, whole or in half.
func (p *EchoServer) WantNoSecrets(t *testing.T, text string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	secrets := append([]string{basicForms()["password"], basicForms()["proxy"]}, p.states...)
	for _, kind := range secretKinds() {
		secrets = append(secrets, "c4nary-"+kind)
	}
	for _, secret := range secrets {
		for line := range strings.Lines(text) {
			if strings.Contains(line, secret) {
				t.Errorf("the output shows %q: %s", secret, line)
				break
			}
		}
	}
}
