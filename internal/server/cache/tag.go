package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// tagState is what is known about a tag.
type tagState struct {
	// Version is that of this struct: values of another one are not used.
	Version int `json:"version"`
	// Descriptor is what the tag named at Checked; its digest is empty if that is not known.
	Digest    digest.Digest `json:"digest,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	Checked   time.Time     `json:"checked"`
	// Failure is why the tag could not be read when it was last tried, at Tried.
	Failure *Failure  `json:"failure,omitempty"`
	Tried   time.Time `json:"tried"`
}

const tagVersion = 1

func (c *Cache) tagKey(ref reference.Ref) string {
	return fmt.Sprintf("tag/v1/%s/%s", c.Scope(ref), ref.String())
}

// storedTag returns what is known about a tag.
func (c *Cache) storedTag(ctx context.Context, ref reference.Ref) (tagState, bool) {
	value, found := c.get(ctx, c.tagKey(ref))
	var s tagState
	if !found || json.Unmarshal(value, &s) != nil || s.Version != tagVersion {
		return tagState{}, false
	}
	if s.Digest != "" && s.Digest.Validate() != nil || s.Digest == "" && s.Failure == nil {
		return tagState{}, false
	}
	return s, true
}

func (c *Cache) storeTag(ctx context.Context, ref reference.Ref, s tagState) {
	s.Version = tagVersion
	raw, err := json.Marshal(s)
	if err != nil {
		c.Problem(err)
		return
	}
	c.set(ctx, c.tagKey(ref), raw, c.Times.Stale)
}

// usable reports whether a state is used without asking the registry.
func (c *Cache) usable(s tagState) bool {
	now := c.Now()
	if s.Failure != nil {
		return now.Before(s.Failure.until(s.Tried, c.Times))
	}
	return now.Sub(s.Checked) < c.Times.Fresh
}

// tag returns the state of a tag, after checking it if that is due.
func (c *Cache) tag(ctx context.Context, ref reference.Ref) (tagState, error) {
	if s, found := c.storedTag(ctx, ref); found && c.usable(s) {
		return s, nil
	}
	key := c.tagKey(ref)
	return once(ctx, c, key, func(ctx context.Context) (tagState, error) {
		fresh := func() (tagState, bool) {
			s, found := c.storedTag(ctx, ref)
			return s, found && c.usable(s)
		}
		return locked(ctx, c, key, fresh, func() (tagState, error) {
			known, _ := c.storedTag(ctx, ref)
			s := c.check(ctx, ref, known)
			c.storeTag(ctx, ref, s)
			return s, nil
		})
	})
}

// check asks the registry what a tag names: with HEAD if its content is known, and
// otherwise with GET, which stores the content.
func (c *Cache) check(ctx context.Context, ref reference.Ref, known tagState) tagState {
	now := c.Now()
	var d ocispec.Descriptor
	var err error
	if known.Digest != "" {
		d, err = c.Upstream.Head(ctx, ref)
	}
	if known.Digest == "" || err == nil && d.Digest == "" || errors.Is(err, store.ErrNotAManifest) {
		var o store.Document
		if o, err = c.Upstream.Get(ctx, ref); err == nil {
			d = o.Descriptor
			c.storeContent(ctx, ref, d, o.Raw)
		}
	}
	switch {
	case err == nil:
		return tagState{Digest: d.Digest, MediaType: d.MediaType, Checked: now, Tried: now}
	case isTemporary(err) && known.Digest != "" && now.Sub(known.Checked) < c.Times.Stale:
		known.Failure, known.Tried = newFailure(err), now
		return known
	}
	return tagState{Failure: newFailure(err), Tried: now, Checked: now}
}
