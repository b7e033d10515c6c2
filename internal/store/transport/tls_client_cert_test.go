package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestAClientCertificateThatIsRequired has servers require one. With TLS 1.3 the alert
// follows the handshake, and races with the first request: many clients at once see
// each of the errors that this makes.
func TestAClientCertificateThatIsRequired(t *testing.T) {
	for name, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(name+" "+tls.VersionName(version), func(t *testing.T) {
				server := httptest.NewUnstartedServer(http.NotFoundHandler())
				server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: version, MaxVersion: version}
				server.EnableHTTP2, server.Config.ErrorLog = h2, quiet(t)
				server.StartTLS()
				t.Cleanup(server.Close)
				host := server.Listener.Addr().String()
				together(40, func(int) {
					tr := New(Options{Host: set(HostConfig{HTTPS: true, Insecure: true})})
					tr.Announce(host, "a", false)
					_, err := send(t.Context(), tr, "GET", "https://"+host+"/v2/a/manifests/1", "")
					if err == nil || !isClientCertRequired(err) {
						t.Errorf("error %v", err)
					}
				})
			})
		}
	}
}

// TestAClientCertificateThatIsOptional does not explain later failures.
func TestAClientCertificateThatIsOptional(t *testing.T) {
	r := &certRequest{}
	r.requested.Store(true)
	if _, err := r.explain(nil, http.ErrSchemeMismatch); isClientCertRequired(err) {
		t.Errorf("another error: %v", err)
	}
	var required *ClientCertError
	_, _ = r.explain(&http.Response{}, nil)
	if _, err := r.explain(nil, io.EOF); !errors.As(err, &required) {
		t.Errorf("after a response on plain http: %v", err)
	}
	_, _ = r.explain(&http.Response{TLS: &tls.ConnectionState{}}, nil)
	if _, err := r.explain(nil, errUseSharedConn); isClientCertRequired(err) {
		t.Errorf("after a response: %v", err)
	}
}
