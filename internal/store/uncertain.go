package store

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// UncertainError reports that a tag or a manifest may have been written although the
// write failed: the request was sent, and no response came, or that of a server that
// fails.
type UncertainError struct{ Err error }

func (e *UncertainError) Error() string {
	return e.Err.Error() + "; it may have been written all the same"
}

// Unwrap returns why the write failed.
func (e *UncertainError) Unwrap() error { return e.Err }

// IsUncertain reports whether an error is an *UncertainError.
func IsUncertain(err error) bool {
	var uncertain *UncertainError
	return errors.As(err, &uncertain)
}

// IsUnanswered reports whether no response came.
func IsUnanswered(err error) bool { return IsUncertain(err) && status(err) == 0 }

// isUncertain reports whether a request that was sent and failed may have been carried
// out.
func isUncertain(err error) bool {
	code := status(err)
	return code == 0 || code >= http.StatusInternalServerError
}

// noteSent returns what is set as soon as the body of a request is read to be sent.
func noteSent(req *http.Request) *atomic.Bool {
	sent := &atomic.Bool{}
	again := req.GetBody
	req.Body = notedBody{req.Body, sent}
	req.GetBody = func() (io.ReadCloser, error) {
		body, err := again()
		return notedBody{body, sent}, err
	}
	return sent
}

// notedBody notes that it is read.
type notedBody struct {
	io.ReadCloser
	read *atomic.Bool
}

func (b notedBody) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.ReadCloser.Read(p)
}
