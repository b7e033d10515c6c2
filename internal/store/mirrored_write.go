package store

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
)

func (m *mirrored) storeBlob(ctx context.Context, to reference.Ref, b blobCopy) error {
	b.sameHost = m.mayReadFrom(b.from, to)
	return m.registry.storeBlob(ctx, to, b)
}

// putTags is one PUT per tag, in parallel, or a single one if the registry is
// configured for it. The expected digest is compared right before: registries have
// no step that compares and writes.
func (m *mirrored) putTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) []TagStatus {
	if err := m.checkExpected(ctx, ref, expected); err != nil {
		return sameResult(tags, err)
	}
	left, results, sent := tags, sameResult(tags, nil), false
	if len(tags) > 1 && m.config(ref.Host()).TagParams {
		left, sent = m.putWithTagParams(ctx, ref, tags, o)
	}
	var all sync.WaitGroup
	for i, tag := range tags {
		if slices.Contains(left, tag) {
			all.Go(func() { results[i].Err = m.put(ctx, ref.WithTag(tag), o) })
		}
	}
	all.Wait()
	for i := range results {
		if err := results[i].Err; sent && err != nil && !IsUncertain(err) {
			results[i].Err = &UncertainError{err}
		}
	}
	return results
}

// checkExpected compares the digest of a tag with the expected one: nil is any, ""
// is no such tag.
func (m *mirrored) checkExpected(ctx context.Context, ref reference.Ref, expected *digest.Digest) error {
	if expected == nil {
		return nil
	}
	now, err := m.head(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err == nil && now.Digest != *expected {
		err = &TagMismatchError{Have: now.Digest}
	}
	return err
}
