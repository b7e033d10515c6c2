package cache

import (
	"context"
	"errors"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/mediatype"
)

func (c *Cache) tagKey(ref reference.Ref) string {
	return "tag/v1/" + c.Scope(ref) + "/" + ref.String()
}

// tag returns the state of a tag, after checking it if that is due. hit is set if it
// was not.
func (c *Cache) tag(ctx context.Context, ref reference.Ref) (s state, hit bool, err error) {
	key := c.tagKey(ref)
	usable := func(ctx context.Context) (state, bool) {
		s, found := c.load(ctx, key)
		return s, found && c.usable(s)
	}
	return once(ctx, c, key, usable, func(ctx context.Context) state {
		known, _ := c.load(ctx, key)
		s := c.check(ctx, ref, known)
		c.save(ctx, key, s)
		return s
	})
}

// check asks the registry what a tag names: with HEAD if its content is known, and
// otherwise with GET, which stores the content.
func (c *Cache) check(ctx context.Context, ref reference.Ref, known state) state {
	var d ocispec.Descriptor
	var err error
	if known.Digest != "" {
		d, err = c.head(ctx, ref)
	}
	if known.Digest == "" || err == nil && d.Digest == "" || errors.Is(err, mediatype.ErrNotAManifest) {
		var o store.Document
		if o, err = c.fetch(ctx, ref); err == nil {
			d = o.Descriptor
			c.storeContent(ctx, c.documentKey(ref.WithDigest(d.Digest)), o)
		}
	}
	now := c.Now()
	if err == nil {
		return state{Digest: d.Digest, MediaType: d.MediaType, Checked: now, Tried: now}
	}
	next := c.failed(err)
	if next.Failure.isTemporary() && known.Digest != "" && now.Sub(known.Checked) < c.Times.Stale {
		next.Digest, next.MediaType, next.Checked = known.Digest, known.MediaType, known.Checked
	}
	return next
}
