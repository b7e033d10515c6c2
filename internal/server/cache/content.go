package cache

import (
	"bytes"
	"context"

	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// contentKey is the key of a document or a config. What one repository and its
// credentials give access to is not given to another one.
func (c *Cache) contentKey(ref reference.Ref, d ocispec.Descriptor) string {
	return fmt.Sprintf("content/v1/%s/%s/%s", c.Scope(ref), ref.WithTag("").String(), d.Digest)
}

// storeContent stores the bytes of a document or config, with its media type in the
// first line.
func (c *Cache) storeContent(ctx context.Context, ref reference.Ref, d ocispec.Descriptor, raw []byte) {
	c.set(ctx, c.contentKey(ref, d), append([]byte(d.MediaType+"\n"), raw...), c.Times.Document)
}

// content returns stored bytes, only if they have their digest. A media type that
// differs from the one in d, if that has one, is not accepted either.
func (c *Cache) content(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) (store.Document, bool) {
	value, found := c.get(ctx, c.contentKey(ref, d))
	mediaType, raw, framed := bytes.Cut(value, []byte("\n"))
	if !found || !framed || d.Digest.Algorithm().FromBytes(raw) != d.Digest {
		return store.Document{}, false
	}
	d.MediaType, d.Size = string(mediaType), int64(len(raw))
	return store.Document{Descriptor: d, Raw: raw}, true
}

// document returns the document of a digest.
func (c *Cache) document(ctx context.Context, ref reference.Ref) (store.Document, error) {
	d := ocispec.Descriptor{Digest: ref.Digest}
	if o, found := c.content(ctx, ref, d); found {
		return o, nil
	}
	return once(ctx, c, c.contentKey(ref, d), func(ctx context.Context) (store.Document, error) {
		return locked(ctx, c, c.contentKey(ref, d), func() (store.Document, bool) { return c.content(ctx, ref, d) }, func() (store.Document, error) {
			o, err := c.Upstream.Get(ctx, ref)
			if err == nil {
				c.storeContent(ctx, ref, o.Descriptor, o.Raw)
			}
			return o, err
		})
	})
}

// blob returns a config.
func (c *Cache) blob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	if err := manifest.ValidateDescriptor(d); err != nil {
		return nil, err
	}
	if o, found := c.content(ctx, ref, d); found {
		return o.Raw, nil
	}
	return once(ctx, c, c.contentKey(ref, d), func(ctx context.Context) ([]byte, error) {
		raw, err := c.Upstream.ReadBlob(ctx, ref, d)
		if err == nil {
			c.storeContent(ctx, ref, d, raw)
		}
		return raw, err
	})
}
