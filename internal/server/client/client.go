// Package client asks a query service, manifest-tool serve, which platforms images
// have. Source: issue 14.
package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store/transport"
)

const (
	// maxAnswer limits an answer, in bytes: more than an index with the most entries.
	maxAnswer = 16 << 20
	// timeout is longer than the service takes for an image.
	timeout = time.Minute
)

// Client asks a service. It is safe for concurrent use.
type Client struct {
	// URL is the address of the service, http or https.
	URL       string
	UserAgent string
	// Stale, if set, is called with an answer that the service could not compare with
	// the registry, and its age.
	Stale func(name string, age time.Duration)
	// Redact removes secrets from text: a proxy may repeat its password.
	Redact func(string) string

	http http.Client
}

// New returns a Client; it sends nothing.
func New(address, userAgent string, stale func(name string, age time.Duration)) *Client {
	network, redact := transport.RecordSecrets(http.DefaultTransport)
	return &Client{URL: strings.TrimRight(address, "/"), UserAgent: userAgent, Stale: stale, Redact: redact, http: http.Client{Transport: network, Timeout: timeout}}
}

// Query asks which platforms an image has, and which of those in has are missing. An
// image that cannot be read is a result with Err.
func (c *Client) Query(ctx context.Context, name string, has []platform.Platform) inspect.QueryResult {
	found, err := c.query(ctx, name, has)
	if err != nil {
		failed := inspect.FailedQuery(name, err)
		failed.Reference = found.Reference
		return failed
	}
	found.Name = name
	return found
}

func (c *Client) query(ctx context.Context, name string, has []platform.Platform) (found inspect.QueryResult, err error) {
	ref, err := manifest.ParseReference(name, "latest")
	if err != nil {
		return found, err
	}
	found.Reference = ref.String()
	if ref.Host() == "" {
		return found, manifest.InputErrorf("%w", errtext.WithHint(fmt.Errorf("%s is not in a registry", name), "a query service reads registries only: run query without --server and MANIFEST_TOOL_QUERY_SERVER"))
	}
	parameters := url.Values{}
	for _, p := range has {
		parameters.Add("has", platform.Format(p))
	}
	resp, err := c.get(ctx, "/v1/images/"+ref.String(), parameters)
	if err != nil {
		return found, fmt.Errorf("asking %s: %w", c.URL, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return found, fmt.Errorf("reading the answer of %s: %w", c.URL, err)
	}
	if resp.StatusCode != http.StatusOK {
		return found, c.failure(resp, raw)
	}
	if err = json.Unmarshal(raw, &found); err != nil || !isComplete(found) {
		return found, errtext.WithHint(fmt.Errorf("the answer of %s is not that of a query service", c.URL), "--server needs the address of manifest-tool serve: http://HOST:PORT")
	}
	c.warnOfAge(name, resp.Header)
	return found, nil
}

// isComplete reports whether an answer has what one about an image always has.
func isComplete(found inspect.QueryResult) bool {
	return found.Schema == inspect.QuerySchema && found.Digest.Validate() == nil && found.Platforms != nil && (found.Index || len(found.Platforms) == 1)
}

func (c *Client) get(ctx context.Context, path string, parameters url.Values) (*http.Response, error) {
	target := c.URL + path
	if len(parameters) > 0 {
		target += "?" + parameters.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.UserAgent)
	resp, err := c.http.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // the address is in the message already
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		err = errtext.WithHint(err, "the service has no TLS: --server needs http://HOST:PORT")
	}
	return resp, err
}

// failure is the error that a service answered with.
func (c *Client) failure(resp *http.Response, raw []byte) error {
	var body struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(raw, &body) // a proxy answers in other ways
	err := errors.New(cmp.Or(body.Error, c.URL+" answered "+resp.Status))
	switch wait := resp.Header.Get("Retry-After"); {
	case resp.StatusCode == http.StatusBadRequest:
		return &manifest.InputError{Err: err}
	case wait != "":
		return errtext.WithHint(err, "try again in "+wait+" seconds")
	}
	return err
}

func (c *Client) warnOfAge(name string, h http.Header) {
	if h.Get("Manifest-Tool-Stale") == "" || c.Stale == nil {
		return
	}
	age, err := time.ParseDuration(h.Get("Age") + "s")
	if err != nil {
		age = 0
	}
	c.Stale(name, age)
}
