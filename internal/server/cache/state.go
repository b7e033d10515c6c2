package cache

import (
	"context"
	"encoding/json"
	"time"

	"github.com/opencontainers/go-digest"
)

// state is what is known about a tag, or why something could not be read.
type state struct {
	// Version is that of this struct: values of another one are not used.
	Version int `json:"version"`
	// Digest is what the tag named at Checked; empty if that is not known.
	Digest    digest.Digest `json:"digest,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	Checked   time.Time     `json:"checked,omitzero"`
	// Failure is why the registry could not be read when it was last tried, at Tried.
	Failure *Failure  `json:"failure,omitempty"`
	Tried   time.Time `json:"tried"`
	// Unreachable counts the requests in a row to which a registry did not respond.
	Unreachable int `json:"unreachable,omitempty"`
}

const (
	stateVersion = 1
	// maxSkew is how much the clocks of two machines may differ. A state that is from
	// further ahead is not used: it would never expire.
	maxSkew = time.Minute
)

// load returns a stored state. One that is malformed, or of another version, does not
// count.
func (c *Cache) load(ctx context.Context, key string) (state, bool) {
	value, found := c.get(ctx, key)
	var s state
	if !found || json.Unmarshal(value, &s) != nil || s.Version != stateVersion {
		return state{}, false
	}
	if limit := c.Now().Add(maxSkew); s.Checked.After(limit) || s.Tried.After(limit) {
		return state{}, false
	}
	if s.Digest != "" && s.Digest.Validate() != nil || s.Failure != nil && s.Failure.RetryAfter < 0 {
		return state{}, false
	}
	return s, true
}

// save stores a state for as long as it may be used.
func (c *Cache) save(ctx context.Context, key string, s state) {
	s.Version = stateVersion
	raw, err := json.Marshal(s)
	if err != nil {
		c.Problem(err)
		return
	}
	ttl := c.Times.Stale
	if s.Digest == "" && s.Failure != nil {
		ttl = s.Failure.until(s.Tried, c.Times).Sub(c.Now())
	}
	c.set(ctx, key, raw, ttl)
}

// failed is the state after a failure.
func (c *Cache) failed(err error) state { return state{Failure: newFailure(err), Tried: c.Now()} }

// usable reports whether a state is used without asking the registry.
func (c *Cache) usable(s state) bool {
	now := c.Now()
	if s.Failure != nil {
		return now.Before(s.Failure.until(s.Tried, c.Times))
	}
	return s.Digest != "" && now.Sub(s.Checked) < c.Times.Fresh
}

// failure is the error of a state; nil if it has none.
func (c *Cache) failure(s state) *Failure {
	if s.Failure == nil {
		return nil
	}
	return s.Failure.from(c.Now(), s.Tried, c.Times)
}
