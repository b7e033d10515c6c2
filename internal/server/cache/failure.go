package cache

import (
	"errors"
	"time"

	"manifest-tool/internal/store"
)

// Failure is a registry's refusal, or its failure to respond, as an error that can
// be stored.
type Failure struct {
	// Reason is one of the words of reasons, "unavailable" for any other error.
	Reason string `json:"reason"`
	// Message is the error in words; HintText what the user can do.
	Message string `json:"message"`
	// RetryAfter is how long the registry asked to wait, 0 if it did not.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
}

const reasonUnavailable = "unavailable"

// reasons are the errors whose kind is remembered.
func reasons() map[string]error {
	return map[string]error{
		"not-found": store.ErrNotFound, "unauthorized": store.ErrUnauthorized, "denied": store.ErrDenied,
		"rate-limited": store.ErrRateLimited, "not-a-manifest": store.ErrNotAManifest, "schema1": store.ErrSchema1,
	}
}

func newFailure(err error) *Failure {
	f := &Failure{Reason: reasonUnavailable, Message: err.Error()}
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
	switch f.Reason {
	case reasonUnavailable, "rate-limited":
		return tried.Add(max(t.Failed, f.RetryAfter))
	}
	return tried.Add(t.Missing)
}

// isTemporary reports whether an error says nothing about the image.
func isTemporary(err error) bool {
	reason := newFailure(err).Reason
	return reason == reasonUnavailable || reason == "rate-limited"
}
