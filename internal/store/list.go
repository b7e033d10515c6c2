package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
)

// Tags lists the tags of ref's repository or layout, in no order, each as the
// place writes it: a registry may list what could be no tag. At most maxPages
// pages are read (distribution-spec, "Listing Tags"). The error is ErrNotFound
// where there is no such repository.
func (s *Store) Tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	if ref.Kind == reference.Layout {
		return s.layout.tags(ref)
	}
	return s.registry.tags(ctx, ref)
}

func (r *registry) tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	first := requestURL(ref, "tags", "list")
	first.RawQuery = url.Values{"n": {strconv.Itoa(pageSize)}}.Encode()
	var tags []string
	err := r.pages(ctx, ref.WithTag(""), first, "application/json", func(page []byte) error {
		var list struct {
			Tags []string `json:"tags"`
		}
		if err := json.Unmarshal(page, &list); err != nil {
			return fmt.Errorf("%w: it is no list of tags: %w", ErrNotAManifest, errtext.DecodeError(page, err))
		}
		tags = append(tags, list.Tags...)
		return checkLimit(len(tags), maxTags)
	})
	return tags, err
}

func checkLimit(n, limit int) error {
	if n > limit {
		return fmt.Errorf("the list has more than %d entries", limit)
	}
	return nil
}

// Referrers lists the manifests that name ref's digest as their subject, as
// the place describes them (distribution-spec, "Listing Referrers"). A registry
// that has no such list is asked for the tag that stands for it, which clients
// keep ("Referrers Tag Schema"). There may be none.
func (s *Store) Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	if err := ref.CheckDigest(); err != nil {
		return nil, err
	}
	if ref.Kind == reference.Layout {
		return s.layout.referrers(ctx, ref)
	}
	found, err := s.registry.referrers(ctx, ref)
	if errors.Is(err, ErrNotFound) || status(err) == http.StatusMethodNotAllowed || status(err) == http.StatusNotImplemented {
		return s.referrersFromTag(ctx, ref)
	}
	return found, err
}

func (r *registry) referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	var found []ocispec.Descriptor
	at := requestURL(ref, "referrers", ref.Digest.String())
	err := r.pages(ctx, ref, at, ocispec.MediaTypeImageIndex, func(page []byte) error {
		var list ocispec.Index
		if err := json.Unmarshal(page, &list); err != nil || list.SchemaVersion != 2 {
			return fmt.Errorf("%w: it is no list of referrers", ErrNotAManifest)
		}
		found = append(found, list.Manifests...)
		return checkLimit(len(found), maxReferrers)
	})
	return found, err
}

// referrersFromTag reads the referrers from their tag. What is there and is no index
// belongs to somebody else.
func (s *Store) referrersFromTag(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	o, err := s.Get(ctx, ref.WithTag(ref.ReferrersTag()))
	if errors.Is(err, ErrNotFound) || err == nil && o.Descriptor.MediaType != ocispec.MediaTypeImageIndex {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list ocispec.Index
	if err := json.Unmarshal(o.Raw, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", ref.WithTag(ref.ReferrersTag()), errtext.DecodeError(o.Raw, err))
	}
	return list.Manifests, nil
}
