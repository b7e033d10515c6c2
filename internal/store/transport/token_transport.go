package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// tokenTransport sends a token request and does not follow redirects, since the
// request contains a password. ggcr gets the response as the specification has it.
type tokenTransport struct {
	next http.RoundTripper
	// offlineToken also requests an identity token. Source: Docker's token
	// specification, "offline_token".
	offlineToken bool
	// cred is the credential in the request, which the response may repeat.
	cred authn.AuthConfig

	// The outcome: what is wrong with a response that grants a token, which of its
	// fields were ignored, and the message of one that does not.
	broken error
	doubts []error
	reason string
	// retryAfter is how long that one asked to wait.
	retryAfter time.Duration
}

func (n *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response != nil {
		return nil, fmt.Errorf("not following a redirect of the token server to %s", req.URL.Host)
	}
	if n.offlineToken {
		req = req.Clone(req.Context())
		query := req.URL.Query()
		query.Set("offline_token", "true")
		req.URL.RawQuery = query.Encode()
	}
	resp, err := n.next.RoundTrip(req)
	if err != nil || resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	if observe := callOf(req.Context()).onToken; observe != nil {
		observe(newTokenExchange(req, resp.StatusCode, raw))
	}
	if resp.StatusCode >= http.StatusBadRequest {
		n.reason, n.retryAfter = refusalReason(raw, n.cred), retryAfter(resp, time.Now())
	} else if raw, err = n.normalize(raw); err == nil {
		resp.StatusCode = http.StatusOK
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	return resp, nil
}

// normalize returns a token response as ggcr decodes it.
func (n *tokenTransport) normalize(raw []byte) ([]byte, error) {
	granted, err := parseTokenResponse(raw)
	if err != nil {
		n.broken = err
		return nil, err
	}
	n.doubts = granted.doubts
	return json.Marshal(granted) //nolint:gosec // it is read back in this process
}

// explain replaces an error that contains a token server's message.
func (n *tokenTransport) explain(registry string, login LoginState, err error) error {
	var (
		answer *transport.Error
		broken *url.Error
	)
	e := &TokenError{Registry: registry, Login: login, Err: err}
	switch {
	case n.broken != nil:
		e.Err = n.broken
	case errors.As(err, &answer):
		e.Status, e.Reason, e.RetryAfter, e.Err = answer.StatusCode, n.reason, n.retryAfter, nil
	case errors.As(err, &broken):
		e.Err = broken.Err
	}
	return e
}
