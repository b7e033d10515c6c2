package cache

import (
	"context"
	"errors"
	"net"
	"time"

	"manifest-tool/internal/store"
	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

// Failure is a registry's refusal, or its failure to respond, as an error that can
// be stored.
type Failure struct {
	// Reason is one of the words of reasons, "unavailable" for any other error.
	Reason string `json:"reason"`
	// Message is the error in words.
	Message string `json:"message"`
	// RetryAfter is how long the registry asked to wait, 0 if it did not. In what a
	// Reader returns it is how long the registry is left alone from now on.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
}

const (
	reasonUnavailable = "unavailable"
	reasonThrottled   = "rate-limited"
	reasonTimeout     = "timeout"
)

// maxMessage bounds the text of a failure, in bytes: registries choose part of it.
const maxMessage = 1 << 10

// reasons are the errors whose kind is remembered.
func reasons() map[string]error {
	return map[string]error{
		"not-found": store.ErrNotFound, "unauthorized": store.ErrUnauthorized, "denied": store.ErrDenied,
		reasonThrottled: store.ErrRateLimited, reasonTimeout: context.DeadlineExceeded,
		"not-a-manifest": mediatype.ErrNotAManifest, "schema1": mediatype.ErrSchema1,
	}
}

// newFailure returns an error as a Failure; one that is a Failure already is copied.
func newFailure(err error) *Failure {
	var known *Failure
	if errors.As(err, &known) {
		return &Failure{Reason: known.Reason, Message: known.Message, RetryAfter: known.RetryAfter}
	}
	f := &Failure{Reason: reasonUnavailable, Message: err.Error(), RetryAfter: store.RetryAfter(err)}
	if len(f.Message) > maxMessage {
		f.Message = f.Message[:maxMessage] + "…"
	}
	for reason, known := range reasons() {
		if errors.Is(err, known) {
			f.Reason = reason
		}
	}
	return f
}

func (f *Failure) Error() string { return f.Message }

// Unwrap returns the error of package store that the failure was; nil for any other.
func (f *Failure) Unwrap() error { return reasons()[f.Reason] }

// until is when the registry is asked again.
func (f *Failure) until(tried time.Time, t Times) time.Time {
	wait := t.Missing
	switch {
	case f.Reason == reasonThrottled && f.RetryAfter == 0:
		wait = t.Throttled
	case f.isTemporary():
		wait = max(t.Failed, f.RetryAfter)
	}
	return tried.Add(min(wait, maxPause))
}

// isTemporary reports whether the failure says nothing about the image.
func (f *Failure) isTemporary() bool {
	return f.Reason == reasonUnavailable || f.Reason == reasonThrottled || f.Reason == reasonTimeout
}

// from returns the failure with the time that is left at now.
func (f *Failure) from(now, tried time.Time, t Times) *Failure {
	left := Failure{Reason: f.Reason, Message: f.Message}
	if f.isTemporary() {
		left.RetryAfter = max(0, f.until(tried, t).Sub(now))
	}
	return &left
}

// isUnreachable reports whether there was no response at all. An error that hides the
// reason has the method Unreachable.
func isUnreachable(err error) bool {
	var (
		hidden  interface{ Unreachable() bool }
		lost    *net.OpError
		unnamed *net.DNSError
		silent  *transport.ResponseTimeoutError
	)
	return errors.As(err, &hidden) && hidden.Unreachable() || errors.As(err, &lost) || errors.As(err, &unnamed) || errors.As(err, &silent) || errors.Is(err, context.DeadlineExceeded)
}
