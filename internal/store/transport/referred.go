package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// ReferredError reports that an address cannot be reached that a registry gave: in a
// redirect, in the Location of an upload, or as its token server. The user did not
// choose it.
type ReferredError struct {
	// Registry is the host that gave the address, Address is scheme and host of it.
	Registry, Address string
	// Header is where the address was given.
	Header string
	Err    error
}

func (e *ReferredError) Error() string {
	return fmt.Sprintf("%s gave the address %s in %s: %v", e.Registry, e.Address, e.Header, e.Err)
}

// Unwrap returns the error of the connection.
func (e *ReferredError) Unwrap() error { return e.Err }

// referred adds to the error of a connection who gave its address.
type referred struct{ next http.RoundTripper }

func (r *referred) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	registry := referrer(req)
	if err == nil || registry == "" || strings.EqualFold(registry, req.URL.Host) || !isUnreachable(err) {
		return resp, err
	}
	header := "the Location of an upload"
	switch {
	case firstRequest(req) != req:
		header = "the Location of a redirect"
	case callOf(req.Context()).token:
		header = "the realm of its challenge"
	}
	return nil, &ReferredError{registry, SchemeOf(err, req.URL.Scheme) + "://" + req.URL.Host, header, err}
}

// isUnreachable reports whether an error means that no server of the expected scheme
// is at an address.
func isUnreachable(err error) bool {
	var (
		dns    *net.DNSError
		record tls.RecordHeaderError
		op     *net.OpError
	)
	return errors.As(err, &dns) || errors.As(err, &record) || isPlainHTTPServer(err) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) ||
		errors.As(err, &op) && op.Op == "dial" && op.Timeout()
}

// DowngradeError reports that a registry on https gave an address with another scheme,
// in a redirect or as the Location of an upload, which is not followed.
type DowngradeError struct {
	Registry, Address string
	// Upload is set for the Location of an upload.
	Upload bool
}

func (e *DowngradeError) Error() string {
	if e.Upload {
		return fmt.Sprintf("refusing to upload to %s: the registry is on https", e.Address)
	}
	return "refusing a redirect from https to " + e.Address
}
