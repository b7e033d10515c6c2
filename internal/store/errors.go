package store

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// ErrNotFound is returned if a registry, layout or archive does not have the requested
// content or does not exist, and only then: a refusal, a failing server, a broken
// connection or a directory of something else does not show what exists.
var ErrNotFound = errors.New("not found")

// ErrUnauthorized and ErrDenied are a registry's 401 and 403. Their hints depend on the
// login that was sent.
var (
	ErrUnauthorized = errors.New("unauthorized")
	ErrDenied       = errors.New("denied")
)

// ErrRateLimited is a registry's 429 after all retries.
var ErrRateLimited = errtext.WithHint(errors.New("rate limited"),
	"the registry limits the number of requests: try again later, with a lower --jobs, or log in first")

// RetryAfter returns how long the registry, or its token server, that an error is about
// asked to wait (RFC 9110, section 10.2.3); 0 if it did not.
func RetryAfter(err error) time.Duration { return transport.RetryAfterOf(err) }

// ErrRejected is a registry's refusal of a manifest or its tag for other reasons
// than the credential; ErrMissingContent is its refusal of a manifest that refers
// to content it does not have.
var (
	ErrRejected       = errors.New("refused")
	ErrMissingContent = errors.New("incomplete")
)

// ErrMediaType is a refusal that may be about the type of a manifest. Its hint depends
// on the manifest and on the message of the registry.
var ErrMediaType = fmt.Errorf("%w for its type", ErrRejected)

// MismatchError reports that the bytes received are not the requested ones.
type MismatchError struct {
	// Field is what differs: "digest" or "size".
	Field string
	// Storage is what has the bytes on this machine: layout or archive. It is empty for
	// a registry, which may have been read wrongly.
	Storage string
	Err     error
}

// Error names what differs and, if known, from what.
func (e *MismatchError) Error() string { return e.Err.Error() }

// Unwrap returns the error in full.
func (e *MismatchError) Unwrap() error { return e.Err }

// ExitCode is that of bad input for what is on this machine.
func (e *MismatchError) ExitCode() int {
	if e.Storage == "" {
		return 0
	}
	return 2
}

// Hint says what the user can do.
func (e *MismatchError) Hint() string {
	if e.Storage != "" {
		return damagedHint(e.Storage)
	}
	return "these are not the bytes that the image refers to, so they are not used: try again; if it happens again, what is stored there is damaged: push the image again"
}

// readError classifies a registry's response to a read. what is the requested
// reference or blob.
func readError(what fmt.Stringer, err error) error {
	if ref, ok := what.(reference.Ref); ok {
		return ref.WithSuggestion(responseError(what, err))
	}
	return responseError(what, err)
}

func responseError(what fmt.Stringer, err error) error {
	var answer *ggcr.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return errtext.WithHint(fmt.Errorf("%s: %w: 404 Not Found", what, ErrNotFound), notFoundHint(what))
	}
	return writeError(what, err)
}

// writeError is readError for writes, for which a 404 does not mean that content is
// missing.
func writeError(what fmt.Stringer, err error) error {
	if err == nil {
		return nil
	}
	sanitizeURL(err)
	transport.PlainDetails(err) // ggcr reads manifests without CheckResponse
	err = withStatus(err)
	switch status(err) {
	case http.StatusUnauthorized:
		return withLoginHint(what, fmt.Errorf("%s: %w: %w", what, ErrUnauthorized, err))
	case http.StatusForbidden:
		return withLoginHint(what, fmt.Errorf("%s: %w: %w", what, ErrDenied, err))
	case http.StatusTooManyRequests:
		return fmt.Errorf("%s: %w: %w", what, ErrRateLimited, err)
	case 0: // a login that was not sent to the token server
		return withLoginHint(what, fmt.Errorf("%s: %w", what, err))
	}
	err = fmt.Errorf("%s: %w", what, err)
	switch {
	case hasCode(err, ggcr.NameUnknownErrorCode):
		return errtext.WithHint(err, "the registry does not create repositories by itself: create this one there first, as with aws ecr create-repository")
	case isWriteRefused(err):
		return errtext.WithHint(err, "the registry takes no pushes here: it is read-only, or the cache or mirror of another registry, or this is the address of something else; push to the registry itself, or ask its operator")
	case status(err) >= http.StatusInternalServerError:
		return errtext.WithHint(err, "the registry, or a server in front of it, fails: try again later, or ask its operator")
	}
	return err
}

// isWriteRefused reports whether a registry does not know the method of a write, as one
// that is read-only. Source: storage.maintenance.readonly of distribution, and its proxy
// mode, which respond with 405.
func isWriteRefused(err error) bool {
	var answer *ggcr.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusMethodNotAllowed && answer.Request != nil &&
		answer.Request.Method != http.MethodGet && answer.Request.Method != http.MethodHead
}

// withStatus puts the status of a registry's response before its message, unless it
// is there: ggcr leaves it out if the registry sent error codes.
func withStatus(err error) error {
	var answer *ggcr.Error
	if !errors.As(err, &answer) || len(answer.Errors) == 0 {
		return err
	}
	line := strings.TrimSpace(fmt.Sprintf("%d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
	return fmt.Errorf("%s: %w", line, err)
}

// IsBlobUnknown reports whether a registry rejected a manifest because it does not
// have one of its blobs.
func IsBlobUnknown(err error) bool {
	return hasCode(err, ggcr.ManifestBlobUnknownErrorCode) || hasCode(err, ggcr.BlobUnknownErrorCode)
}

// status is the status of a registry or its token server, 0 if neither responded.
func status(err error) int {
	var (
		answer *ggcr.Error
		token  *transport.TokenError
	)
	switch {
	case errors.As(err, &answer):
		return answer.StatusCode
	case errors.As(err, &token):
		return token.Status
	}
	return 0
}

// hasCode reports whether a registry responded with an error code.
func hasCode(err error, code ggcr.ErrorCode) bool {
	var answer *ggcr.Error
	return errors.As(err, &answer) && slices.ContainsFunc(answer.Errors, func(d ggcr.Diagnostic) bool { return d.Code == code })
}

// sanitizeURL corrects the URL in net/http's errors: it contains secrets (presigned
// queries of storage hosts, the state of an upload) and the scheme of the request,
// not that of the connection.
func sanitizeURL(err error) {
	var failed *url.Error
	if !errors.As(err, &failed) {
		return
	}
	if u, parseErr := url.Parse(failed.URL); parseErr == nil {
		u.Scheme = transport.SchemeOf(failed.Err, u.Scheme)
		failed.URL = transport.RedactURL(u)
	}
}
