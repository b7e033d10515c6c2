package cache

import (
	"bytes"
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// documentKey is the key of a document, blobKey that of a config. What one repository
// and its credentials give access to is not given to another one.
func (c *Cache) documentKey(ref reference.Ref) string {
	return "document/v1/" + c.Scope(ref) + "/" + ref.String()
}

func (c *Cache) blobKey(ref reference.Ref, d ocispec.Descriptor) string {
	return "blob/v1/" + c.Scope(ref) + "/" + ref.WithDigest(d.Digest).String()
}

// storeContent stores the bytes of a document or config, with its media type in the
// first line.
func (c *Cache) storeContent(ctx context.Context, key string, o store.Document) {
	c.set(ctx, key, append([]byte(o.Descriptor.MediaType+"\n"), o.Raw...), c.Times.Document)
}

// content returns stored bytes, only if they have their digest.
func (c *Cache) content(ctx context.Context, key string, d ocispec.Descriptor) (store.Document, bool) {
	value, found := c.get(ctx, key)
	mediaType, raw, framed := bytes.Cut(value, []byte("\n"))
	if !found || !framed || d.Digest.Algorithm().FromBytes(raw) != d.Digest {
		return store.Document{}, false
	}
	d.MediaType, d.Size = string(mediaType), int64(len(raw))
	return store.Document{Descriptor: d, Raw: raw}, true
}

// document returns the document of a digest.
func (c *Cache) document(ctx context.Context, ref reference.Ref) (store.Document, bool, error) {
	if err := ref.CheckDigest(); err != nil {
		return store.Document{}, false, err
	}
	return c.read(ctx, c.documentKey(ref), ocispec.Descriptor{Digest: ref.Digest}, func(ctx context.Context) (store.Document, error) {
		return c.fetch(ctx, ref)
	})
}

// blob returns a config.
func (c *Cache) blob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	if err := manifest.ValidateDescriptor(d); err != nil {
		return nil, err
	}
	o, _, err := c.read(ctx, c.blobKey(ref, d), d, func(ctx context.Context) (store.Document, error) {
		return c.fetchBlob(ctx, ref, d)
	})
	return o.Raw, err
}

// outcome is content, or the reason for its absence.
type outcome struct {
	store.Document

	failure state
}

// read returns the content of a key: as it is stored, and otherwise by fetch. hit is
// set if it was stored. Why it could not be fetched is remembered too.
func (c *Cache) read(ctx context.Context, key string, d ocispec.Descriptor, fetch func(context.Context) (store.Document, error)) (o store.Document, hit bool, err error) {
	stored := func(ctx context.Context) (outcome, bool) {
		if o, found := c.content(ctx, key, d); found {
			return outcome{Document: o}, true
		}
		s, found := c.load(ctx, "failed/"+key)
		return outcome{failure: s}, found && s.Failure != nil && c.usable(s)
	}
	found, hit, err := once(ctx, c, key, stored, func(ctx context.Context) outcome {
		o, err := fetch(ctx)
		if err != nil {
			s := c.failed(err)
			c.save(ctx, "failed/"+key, s)
			return outcome{failure: s}
		}
		c.storeContent(ctx, key, o)
		return outcome{Document: o}
	})
	if f := c.failure(found.failure); err == nil && f != nil {
		err = f
	}
	return found.Document, hit, err
}
