package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

// ClientCertError reports that a server requested a client certificate and then closed
// the connection without a response. With HTTP/2, and when a connection is reset, the
// TLS alert that states the reason does not reach the caller.
type ClientCertError struct{ Err error }

func (e *ClientCertError) Error() string {
	return "the server requested a client certificate and closed the connection: " + e.Err.Error()
}

// Unwrap returns the error of the connection.
func (e *ClientCertError) Unwrap() error { return e.Err }

// isClientCertRequired reports whether a server ended the handshake because of the
// client certificate, or the lack of one. Go has no exported errors for alerts.
func isClientCertRequired(err error) bool {
	var hidden *ClientCertError
	return errors.As(err, &hidden) || isAlert(err) && strings.Contains(err.Error(), "certificate")
}

// certRequest is what is known about client certificates at one host.
type certRequest struct {
	// requested is set by a handshake in which the server requested one, responded
	// by the first response.
	requested, responded atomic.Bool
}

func (r *certRequest) observe(ctx context.Context) context.Context {
	return With(ctx, func(c *call) { c.certRequest = r })
}

// explain returns an error as a *ClientCertError if it may be that of a certificate.
func (r *certRequest) explain(resp *http.Response, err error) (*http.Response, error) {
	switch {
	case err == nil:
		// A response on plain http is from the search for the scheme of a host on this
		// machine: it says nothing about certificates.
		if resp.TLS != nil {
			r.responded.Store(true)
		}
	case r.requested.Load() && !r.responded.Load() && !isClientCertRequired(err) && (isConnError(err) || isNeverEstablished(err) || isAlert(err)):
		return nil, &ClientCertError{err}
	}
	return resp, err
}

// isAlert reports whether a server ended a handshake with an alert: with TLS 1.2, that
// of a missing certificate is "handshake failure".
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// isNeverEstablished looks for the message of net/http's HTTP/2 client about a
// connection that was closed before its first request. It has no exported error.
func isNeverEstablished(err error) bool {
	return strings.Contains(err.Error(), "http2: client conn could not be established")
}

// chooseClientCert is crypto/tls's own choice among certs, and notes that the server
// requested one.
func chooseClientCert(certs []tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if r := callOf(info.Context()).certRequest; r != nil {
			r.requested.Store(true)
		}
		for i := range certs {
			if info.SupportsCertificate(&certs[i]) == nil {
				return &certs[i], nil
			}
		}
		return &tls.Certificate{}, nil
	}
}
