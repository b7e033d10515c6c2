package transport

import (
	"errors"
	"fmt"
	"net/http"
)

// maxRedirects bounds the redirects of one request.
const maxRedirects = 5

// checkRedirects rejects a chain of redirects that is too long, leaves https, or changes
// the method: a PUT that became a GET would look like success. It is part of the
// transport, so that it applies to every client.
func checkRedirects(req *http.Request) error {
	hops := 0
	for r := req; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		before := r.Response.Request
		switch hops++; {
		case hops > maxRedirects:
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		case before.URL.Scheme == "https" && r.URL.Scheme != "https":
			return &DowngradeError{Registry: before.URL.Host, Address: r.URL.Scheme + "://" + r.URL.Host}
		case before.Method != r.Method:
			return fmt.Errorf("refusing a redirect that turns %s into %s", before.Method, r.Method)
		}
	}
	return nil
}

// checkLocation refuses a redirect whose target cannot be read. net/http would
// do so too, and repeat all of it, presigned query included.
func checkLocation(resp *http.Response, err error) (*http.Response, error) {
	if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 || resp.Header.Get("Location") == "" {
		return resp, err
	}
	if _, err := resp.Location(); err != nil {
		_ = resp.Body.Close()
		return nil, errors.New("the response is a redirect to a Location that is not a URL")
	}
	return resp, nil
}
