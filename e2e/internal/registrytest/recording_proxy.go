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

// placeholderRealm is the token server in the challenges of StartTokenAuth. A
// RecordingProxy replaces it by its own address.
const placeholderRealm = "http://token.invalid/token"

// RecordingProxy is a proxy in front of a registry that records the requests.
// Set the fields of the first part, then call Open, which sets the others.
type RecordingProxy struct {
	Backend *Registry
	// Tokens responds to /token on the proxy's own address.
	Tokens http.Handler
	// Intercept is called before the registry and the token server.
	Intercept Interceptor
	// Rewrite changes the registry's responses.
	Rewrite func(*http.Response)
	// TLS is the certificate for TLS. The proxy uses HTTP/2 unless HTTP1 is set.
	TLS   *tls.Certificate
	HTTP1 bool

	Host, Scheme string
	Seen         *Recorder
	Conns        *ConnCounter
}

// Open starts the proxy on a free port of 127.0.0.1, until the test ends, and
// returns it.
func (f *RecordingProxy) Open(t *testing.T) *RecordingProxy {
	t.Helper()
	listener := Listen(t)
	f.Host, f.Scheme, f.Seen, f.Conns = listener.Addr().String(), "http", &Recorder{}, &ConnCounter{}
	transport := &http.Transport{MaxIdleConnsPerHost: 200, DisableCompression: true}
	pass := newReverseProxy(t, f.Backend.Scheme+"://"+f.Backend.Host, transport)
	pass.ModifyResponse = func(resp *http.Response) error {
		f.rewriteAddresses(resp)
		if f.Rewrite != nil {
			f.Rewrite(resp)
		}
		return nil
	}
	server := &http.Server{
		Handler:   f.Seen.wrap(f.route(pass), f.Intercept),
		ConnState: f.Conns.watch,
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

// route responds to /token and passes other requests on to the registry.
func (f *RecordingProxy) route(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.Tokens != nil && r.URL.Path == "/token" {
			f.Tokens.ServeHTTP(w, r)
			return
		}
		registry.ServeHTTP(w, r)
	})
}

// rewriteAddresses replaces the token server in challenges by the proxy, and
// the scheme of absolute Locations by the proxy's.
func (f *RecordingProxy) rewriteAddresses(resp *http.Response) {
	own := f.Scheme + "://" + resp.Request.Host
	for i, challenge := range resp.Header.Values("WWW-Authenticate") {
		resp.Header["Www-Authenticate"][i] = strings.Replace(challenge, placeholderRealm, own+"/token", 1)
	}
	if at := resp.Header.Get("Location"); f.Scheme == "https" && strings.HasPrefix(at, "http://") {
		resp.Header.Set("Location", "https://"+strings.TrimPrefix(at, "http://"))
	}
}

// ReplaceBody replaces the body of a response.
func ReplaceBody(resp *http.Response, body []byte) {
	_ = resp.Body.Close() // nothing reads it any more
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
}
