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

// The hosts of an EchoServer. Clients reach them through it as their proxy.
const (
	EchoHost    = "registry.test"
	echoStorage = "storage.test"
)

// Secret returns a secret of a kind, such as password. Each kind has one value.
func Secret(kind string) string { return "c4nary-" + kind + "-0123456789abcdef" }

// secretKinds returns the kinds of secrets that clients send to an EchoServer
// or get from it.
func secretKinds() []string {
	return []string{"password", "bearer", "identity", "refresh", "registrytoken", "presigned", "cookie", "state", "proxy"}
}

// EchoServer is an HTTP proxy, a registry and a storage host that repeat each
// secret they got, and those they issued, wherever they can: in headers,
// cookies, Locations and the bodies of errors.
type EchoServer struct {
	addr   string
	next   http.Handler
	scheme string // Basic or Bearer
	status func(*http.Request) int

	mu        sync.Mutex
	exchanged map[string]bool // kinds of secrets that were exchanged
	states    []string        // upload states that the registry made up
}

// StartEchoServer starts an EchoServer in front of an open registry. It
// requires the authentication scheme (Basic or Bearer); status returns the
// status of a request that is to fail, 0 for others.
func (g *Registry) StartEchoServer(t *testing.T, scheme string, status func(*http.Request) int) *EchoServer {
	t.Helper()
	listener := Listen(t)
	p := &EchoServer{addr: listener.Addr().String(), scheme: scheme, status: status, exchanged: map[string]bool{}}
	pass := newReverseProxy(t, g.Scheme+"://"+g.Host, g.Client.Transport)
	pass.ModifyResponse = p.repeat
	p.next = pass
	server := &http.Server{Handler: p}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// Env returns the variables that make a process use the server as its proxy.
func (p *EchoServer) Env() []string {
	at := "http://proxyuser:" + Secret("proxy") + "@" + p.addr
	return []string{"HTTP_PROXY=" + at, "HTTPS_PROXY=" + at}
}

// ServeHTTP responds to one request of the tool.
func (p *EchoServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.record(r)
	p.addHeaders(w.Header())
	upload := strings.Contains(r.URL.Path, "/blobs/uploads/")
	open := r.URL.Path == "/token" || r.URL.Host == echoStorage
	switch status := p.status(r); {
	case r.Method == http.MethodConnect:
		p.fail(w, r, http.StatusForbidden)
	case !open && r.Header.Get("Authorization") == "":
		w.Header().Set("WWW-Authenticate", p.scheme+` realm="http://`+EchoHost+`/token",service="s",error="`+p.all()+`"`)
		p.fail(w, r, http.StatusUnauthorized)
	case status != 0:
		p.fail(w, r, status)
	case r.URL.Path == "/token":
		_, _ = fmt.Fprintf(w, `{"token":%q,"refresh_token":%q,"expires_in":300}`, p.issue("bearer"), p.issue("refresh"))
	case r.URL.Host == echoStorage:
		r.Host = EchoHost
		p.next.ServeHTTP(w, r)
	case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") && !upload:
		w.Header().Set("Location", "http://"+echoStorage+r.URL.Path+"?X-Amz-Signature="+p.issue("presigned"))
		w.WriteHeader(http.StatusTemporaryRedirect)
	case upload && r.URL.Query().Has("mount"):
		r.URL.RawQuery = "" // have blobs uploaded, not mounted
		p.next.ServeHTTP(w, r)
	default:
		p.next.ServeHTTP(w, r)
	}
}

// record records the secrets of a request.
func (p *EchoServer) record(r *http.Request) {
	body := ""
	if r.URL.Path == "/token" {
		_ = r.ParseForm()
		body = r.Form.Encode()
	}
	text := r.URL.String() + body
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		scheme, value, _ := strings.Cut(r.Header.Get(name), " ")
		if plain, err := base64.StdEncoding.DecodeString(value); scheme == "Basic" && err == nil {
			value = string(plain)
		}
		text += scheme + value
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kind := range secretKinds() {
		p.exchanged[kind] = p.exchanged[kind] || strings.Contains(text, Secret(kind))
	}
	if state := r.URL.Query().Get("_state"); len(state) > 20 {
		p.states = append(p.states, state)
	}
}

// all returns all secrets that were exchanged in one line, as they are and as
// headers encode them. Other secrets are unknown to the tool.
func (p *EchoServer) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, kind := range secretKinds() {
		if p.exchanged[kind] {
			all = append(all, Secret(kind))
		}
	}
	all = append(all, p.states...)
	for kind, form := range basicForms() {
		if p.exchanged[kind] {
			all = append(all, form)
		}
	}
	return strings.Join(all, " ")
}

// basicForms returns the passwords as Basic authorization encodes them.
func basicForms() map[string]string {
	return map[string]string{
		"password": base64.StdEncoding.EncodeToString([]byte(UserName + ":" + Secret("password"))),
		"proxy":    base64.StdEncoding.EncodeToString([]byte("proxyuser:" + Secret("proxy"))),
	}
}

// issue returns a secret for the server to send, and records it.
func (p *EchoServer) issue(kind string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanged[kind] = true
	return Secret(kind)
}

func (p *EchoServer) addHeaders(h http.Header) {
	h.Set("Set-Cookie", "session="+p.issue("cookie"))
	h.Set("Warning", `299 - "`+p.all()+`"`)
	h.Set("X-Repeated", p.all())
}

// fail responds with an error that repeats all secrets.
func (p *EchoServer) fail(w http.ResponseWriter, r *http.Request, status int) {
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusTeapot { // a web page, not an error of a registry
		_, _ = fmt.Fprintf(w, "<html>%s %s</html>", r.URL, p.all())
		return
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]any{{
		"code": "DENIED", "message": r.URL.String() + " " + p.all(), "detail": p.all(),
	}}})
}

// repeat adds the secrets to a response of the registry, and a state of the
// server's own to that of an upload.
func (p *EchoServer) repeat(resp *http.Response) error {
	p.addHeaders(resp.Header)
	u, err := resp.Location()
	if err != nil {
		return nil
	}
	query := u.Query()
	if query.Has("_state") {
		query.Set("parrot_state", p.issue("state"))
	}
	shown := url.URL{Scheme: "http", Host: EchoHost, Path: u.Path, RawQuery: query.Encode()}
	resp.Header.Set("Location", shown.String())
	return nil
}

// HasSeen reports whether a secret of the kind was exchanged.
func (p *EchoServer) HasSeen(kind string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exchanged[kind]
}

// WantNoSecrets fails the test if a text contains a secret, or the beginning of
// one.
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
