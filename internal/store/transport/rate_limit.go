package transport

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// RateLimit is how many pulls a registry still allows a client.
type RateLimit struct {
	// Limit is the number of pulls in a Window, Remaining what is left of it.
	Limit, Remaining int
	Window           time.Duration
}

// rateLimitOf reads the headers ratelimit-limit and ratelimit-remaining of Docker Hub,
// each NUMBER;w=SECONDS; nil if they are missing. Headers of the same name without
// a window, as API gateways send them, are about something else.
// Source: Docker Hub's documentation, "Pull usage and limits".
func rateLimitOf(h http.Header) *RateLimit {
	limit, window, isLimit := quota(h.Get("RateLimit-Limit"))
	left, _, isLeft := quota(h.Get("RateLimit-Remaining"))
	if !isLimit || !isLeft {
		return nil
	}
	return &RateLimit{Limit: limit, Remaining: left, Window: window}
}

func quota(value string) (number int, window time.Duration, ok bool) {
	text, suffix, _ := strings.Cut(value, ";w=")
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	seconds, windowErr := strconv.ParseUint(strings.TrimSpace(suffix), 10, 31)
	return int(n), time.Duration(seconds) * time.Second, err == nil && windowErr == nil && seconds > 0
}

// RetryAfterOf returns how long the registry or token server that an error is about
// asked to wait; 0 if it did not.
func RetryAfterOf(err error) time.Duration {
	var (
		token  *TokenError
		answer *transport.Error
	)
	switch {
	case errors.As(err, &token):
		return token.RetryAfter
	case errors.As(err, &answer) && answer.Request != nil:
		return callOf(answer.Request.Context()).retryAfter
	}
	return 0
}

// withRetryAfter makes what a response asks for known to RetryAfterOf: ggcr's errors
// have the request, and not the headers of the response.
func withRetryAfter(ctx context.Context, resp *http.Response) *http.Response {
	if d := retryAfter(resp, time.Now()); d > 0 && resp.Request != nil && resp.StatusCode >= http.StatusBadRequest {
		resp.Request = resp.Request.WithContext(With(ctx, func(c *call) { c.retryAfter = d }))
	}
	return resp
}
