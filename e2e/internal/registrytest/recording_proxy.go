//go:build e2e

package registrytest

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
type RecordingProxy struct {
	Backend *Registry
	// Tokens answers /token on the front's own host and port.
	Tokens http.Handler
	// Intercept comes before the registry and before the token server.
	Intercept Interceptor
	// Rewrite changes what the registry answers.
	Rewrite func(*http.Response)
	// TLS speaks TLS with this certificate; HTTP/2 unless http1 is set.
	TLS   *tls.Certificate
	HTTP1 bool

	Host, Scheme string
	Seen         *Recorder
	Conns        *ConnCounter
}

// Open starts the proxy on a free port of 127.0.0.1; it ends with the test.
func (f *RecordingProxy) Open(t *testing.T) *RecordingProxy {
	t.Helper()
	listener := Listen(t)
	f.Host, f.Scheme, f.Seen, f.Conns = listener.Addr().String(), "http", &Recorder{}, &ConnCounter{}
	transport := &http.Transport{MaxIdleConnsPerHost: 200, DisableCompression: true}
	pass := passTo(t, f.Backend.Scheme+"://"+f.Backend.Host, transport)
	pass.ModifyResponse = func(resp *http.Response) error {
		f.nameRealm(resp)
		if f.Rewrite != nil {
			f.Rewrite(resp)
		}
		return nil
	}
	server := &http.Server{
		Handler:   f.Seen.Wrap(f.route(pass), f.Intercept),
		ConnState: f.Conns.Watch,
		ErrorLog:  log.New(io.Discard, "", 0), // a client that tries plain HTTP is part of the tests
	}
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	})
	if f.TLS == nil {
		go func() { _ = server.Serve(listener) }() // ends with Close above
		return f
	}
	f.Scheme = "https"
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*f.TLS}, MinVersion: tls.VersionTLS12}
	if f.HTTP1 {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return f
}

// route serves /token and leaves the rest to the registry, which is told by
// which scheme the client came.
func (f *RecordingProxy) route(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.Tokens != nil && r.URL.Path == "/token" {
			f.Tokens.ServeHTTP(w, r)
			return
		}
		registry.ServeHTTP(w, r)
	})
}

// nameRealm makes the front itself the token server of the registry, and turns
// its absolute addresses into those of the front's scheme.
func (f *RecordingProxy) nameRealm(resp *http.Response) {
	own := f.Scheme + "://" + resp.Request.Host
	for i, asked := range resp.Header.Values("WWW-Authenticate") {
		resp.Header["Www-Authenticate"][i] = strings.Replace(asked, gateRealm, own+"/token", 1)
	}
	if at := resp.Header.Get("Location"); f.Scheme == "https" && strings.HasPrefix(at, "http://") {
		resp.Header.Set("Location", "https://"+strings.TrimPrefix(at, "http://"))
	}
}

// replaceBody gives an answer another body.
func ReplaceBody(resp *http.Response, body []byte) {
	_ = resp.Body.Close() // what the registry said is of no use
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
}
