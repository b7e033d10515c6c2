package probe

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// response is the response to a request. Its body was read, and unpacked if the
// header says that it is compressed.
type response struct {
	status int
	header http.Header
	body   []byte
	// url is where the response came from, after redirects.
	url *url.URL
	// redirects are the addresses of the redirects that led there, the first one first.
	redirects []*url.URL
	// proto is the protocol, such as HTTP/2.0; tls is set for https.
	proto string
	tls   bool
}

// has reports whether the status is one of those.
func (r response) has(statuses ...int) bool {
	for _, s := range statuses {
		if r.status == s {
			return true
		}
	}
	return false
}

// location returns the absolute address in the Location header.
func (r response) location() (*url.URL, error) {
	text := r.header.Get("Location")
	if text == "" {
		return nil, errors.New("the response has no Location")
	}
	to, err := r.url.Parse(text)
	if err != nil {
		return nil, errors.New("the Location of the response is not a URL")
	}
	return to, nil
}

// unpack undoes the compression of a body, so that one check reports it, not all of
// them. A body that cannot be unpacked is returned as it is.
func unpack(h http.Header, body []byte) []byte {
	if coding := strings.ToLower(h.Get("Content-Encoding")); coding != "gzip" && coding != "x-gzip" {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	if content, err := io.ReadAll(io.LimitReader(z, maxBody)); err == nil {
		return content
	}
	return body
}

// statusText returns a status with its name.
func statusText(status int) string { return fmt.Sprintf("%d %s", status, http.StatusText(status)) }

// isUndecided reports whether a response shows nothing about what the registry
// supports: the login has no permission, or the registry is busy.
func (r response) isUndecided() bool {
	return r.has(http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}

// isRefusal reports whether the registry did not accept what it was sent.
func (r response) isRefusal() bool { return r.status >= 400 && r.status < 500 && !r.isUndecided() }

// responseError is a response of a registry that a request must not have.
type responseError struct {
	what     string
	response response
}

func (e *responseError) Error() string { return e.what + " is " + statusText(e.response.status) }

// decided is a response, or an error if it is undecided.
func decided(r response, err error) (response, error) {
	if err == nil && r.isUndecided() {
		err = &responseError{"the response", r}
	}
	return r, err
}
