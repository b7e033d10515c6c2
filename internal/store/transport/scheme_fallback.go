package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"syscall"
)

// fallsBack reports whether the scheme of a host is found out with https first.
func (h *hostState) fallsBack() bool { return h.settings().HTTPFallback && !isLoopback(h.name) }

// tryHTTPS sends a request in https and, if the host does not speak TLS, in http.
// The scheme that works is that of the run from then on, so that a host that was
// reached in https never receives a credential in http.
func (a *schemeTransport) tryHTTPS(h *hostState, req *http.Request) (*http.Response, error) {
	resp, err := a.send(req, "https")
	if err == nil {
		h.schemeState.set("https")
		return resp, nil
	}
	if !h.lacksTLS(err) || !canRewind(req) || req.Context().Err() != nil {
		return nil, err
	}
	again, rewindErr := rewind(req)
	if rewindErr != nil {
		return nil, err
	}
	resp, plainErr := a.send(again, "http")
	if plainErr != nil {
		return nil, err
	}
	h.schemeState.set("http")
	return resp, nil
}

// lacksTLS reports whether an error of a request in https is that of a host without
// TLS: it responds with something else, or closes the connection, or nothing
// listens at the default port.
func (h *hostState) lacksTLS(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) || isPlainHTTPServer(err) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.ECONNREFUSED) && withPort(h.name, "https") != h.name
}
