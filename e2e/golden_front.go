//go:build e2e

package e2e

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// gateRealm is the token server that registries of startTokenAuth name. Each front
// before such a registry puts its own address in its place.
const gateRealm = "http://token.invalid/token"

// recordingProxy is a recording proxy before a registry. The settings are made first,
// then open fills in the rest.
type recordingProxy struct {
	backend *registry
	// tokens answers /token on the front's own host and port.
	tokens http.Handler
	// intercept comes before the registry and before the token server.
	intercept interceptor
	// rewrite changes what the registry answers.
	rewrite func(*http.Response)
	// tls speaks TLS with this certificate; HTTP/2 unless http1 is set.
	tls   *tls.Certificate
	http1 bool

	host, scheme string
	seen         *recorder
	conns        *connCounter
}

// open starts the proxy on a free port of 127.0.0.1; it ends with the test.
func (f *recordingProxy) open(t *testing.T) *recordingProxy {
	t.Helper()
	listener := listen(t)
	f.host, f.scheme, f.seen, f.conns = listener.Addr().String(), "http", &recorder{}, &connCounter{}
	transport := &http.Transport{MaxIdleConnsPerHost: 200, DisableCompression: true}
	pass := passTo(t, f.backend.scheme+"://"+f.backend.host, transport)
	pass.ModifyResponse = func(resp *http.Response) error {
		f.nameRealm(resp)
		if f.rewrite != nil {
			f.rewrite(resp)
		}
		return nil
	}
	server := &http.Server{
		Handler:   f.seen.before(f.route(pass), f.intercept),
		ConnState: f.conns.watch,
		ErrorLog:  log.New(io.Discard, "", 0), // a client that tries plain HTTP is part of the tests
	}
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	})
	if f.tls == nil {
		go func() { _ = server.Serve(listener) }() // ends with Close above
		return f
	}
	f.scheme = "https"
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*f.tls}, MinVersion: tls.VersionTLS12}
	if f.http1 {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return f
}

// route serves /token and leaves the rest to the registry, which is told by
// which scheme the client came.
func (f *recordingProxy) route(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.tokens != nil && r.URL.Path == "/token" {
			f.tokens.ServeHTTP(w, r)
			return
		}
		registry.ServeHTTP(w, r)
	})
}

// nameRealm makes the front itself the token server of the registry, and turns
// its absolute addresses into those of the front's scheme.
func (f *recordingProxy) nameRealm(resp *http.Response) {
	own := f.scheme + "://" + resp.Request.Host
	for i, asked := range resp.Header.Values("WWW-Authenticate") {
		resp.Header["Www-Authenticate"][i] = strings.Replace(asked, gateRealm, own+"/token", 1)
	}
	if at := resp.Header.Get("Location"); f.scheme == "https" && strings.HasPrefix(at, "http://") {
		resp.Header.Set("Location", "https://"+strings.TrimPrefix(at, "http://"))
	}
}

// replaceBody gives an answer another body.
func replaceBody(resp *http.Response, body []byte) {
	_ = resp.Body.Close() // what the registry said is of no use
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
}
