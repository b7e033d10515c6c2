package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"manifest-tool/internal/store/transport"
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
	// proto is the protocol, such as HTTP/2.0.
	proto string
	// tls is the state of the connection, nil for http.
	tls *tls.ConnectionState
	// login is what the request had to do with the login of the run.
	login transport.LoginState
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

// errLocation is the class of the errors of location.
var errLocation = errors.New("a push cannot continue")

// location returns the absolute address in the Location header. As in a push, it must
// be on https if the registry is.
func (r response) location() (*url.URL, error) {
	text := r.header.Get("Location")
	if text == "" {
		return nil, fmt.Errorf("%w: the response has no Location", errLocation)
	}
	to, err := r.url.Parse(text)
	switch {
	case err != nil, to.Host == "", to.User != nil:
		return nil, fmt.Errorf("%w: the Location of the response is not a URL", errLocation)
	case to.Scheme != "https" && to.Scheme != "http":
		return nil, fmt.Errorf("%w: the Location has the scheme %q", errLocation, to.Scheme)
	case to.Scheme == "http" && r.tls != nil:
		return nil, fmt.Errorf("%w: the registry is on https, and the Location is http://%s", errLocation, to.Host)
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

func (r response) isSuccess() bool { return r.status >= 200 && r.status < 300 }

// isRefusal reports whether the registry did not accept what it was sent.
func (r response) isRefusal() bool { return r.status >= 400 && r.status < 500 && !r.isUndecided() }

// responseError is a response of a registry that a request must not have.
type responseError struct {
	what     string
	response response
}

func (e *responseError) Error() string {
	text := e.what + " is " + statusText(e.response.status)
	if m := e.response.message(); m != "" {
		text += ": " + m
	}
	return text
}

// message returns what the registry says in an error (distribution-spec, "Error Codes"),
// in one line.
func (r response) message() string {
	var body struct {
		Errors []struct{ Message string }
	}
	if json.Unmarshal(r.body, &body) != nil || len(body.Errors) == 0 {
		return ""
	}
	return excerpt([]byte(strings.Join(strings.Fields(body.Errors[0].Message), " ")))
}

// decided is a response, or an error if it is undecided.
func decided(r response, err error) (response, error) {
	if err == nil && r.isUndecided() {
		err = &responseError{"the response", r}
	}
	return r, err
}

// outcomeOf returns the outcome of a check that ended with an error: failed if a
// response was wrong, broken otherwise.
func outcomeOf(err error) outcome {
	var wrong *responseError
	if errors.As(err, &wrong) && !wrong.response.isUndecided() {
		return failed("%s", err)
	}
	return broken(err)
}

// unexpected is the outcome of a check whose request has a response that it must not
// have. what names the response.
func unexpected(what string, got response) outcome { return outcomeOf(&responseError{what, got}) }

// remembered is a response with its exchange, for several checks.
type remembered struct {
	response response
	exchange Exchange
}

// rememberedKey distinguishes the requests of a run whose responses are remembered.
func rememberedKey(q request) string {
	return q.method + " " + q.url + " " + q.header["Accept"] + " " + strconv.FormatBool(q.anonymous)
}

// doAndRemember is do for a request that doOnce does not send again.
func (r *run) doAndRemember(ctx context.Context, q request) (response, error) {
	resp, err := r.do(ctx, q)
	if err == nil {
		r.remembered[rememberedKey(q)] = remembered{resp, r.exchanges[len(r.exchanges)-1]}
	}
	return resp, err
}

// doOnce sends a request unless the run did so before. Each check that makes it
// reports the exchange.
func (r *run) doOnce(ctx context.Context, q request) (response, error) {
	if known, ok := r.remembered[rememberedKey(q)]; ok {
		r.exchanges = append(r.exchanges, known.exchange)
		return known.response, nil
	}
	return r.doAndRemember(ctx, q)
}

// getOnce is getManifest for a request that several checks of a run look at.
func (r *run) getOnce(ctx context.Context, method, name string, accept ...string) (response, error) {
	return r.doOnce(ctx, r.manifestRequest(method, name, accept...))
}
