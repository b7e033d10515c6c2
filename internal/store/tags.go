package store

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// PutTags stores a manifest under several tags of ref's repository, whatever
// becomes of the others; the result has an error, or nil, for each tag. That
// is one PUT for each tag, at once, or a single one where Options.Host says that
// the registry takes them so.
func (s *Store) PutTags(ctx context.Context, ref Ref, tags []string, o Object) []error {
	left, failed := tags, make([]error, len(tags))
	if ref.Kind == Registry && len(tags) > 1 && s.options.host(ref.Host()).TagParams {
		left = s.registry.putTagged(ctx, ref, tags, o)
	}
	var all sync.WaitGroup
	for i, tag := range tags {
		if slices.Contains(left, tag) {
			all.Go(func() { failed[i] = s.Put(ctx, ref.AtTag(tag), o) })
		}
	}
	all.Wait()
	return failed
}

// putTagged is one PUT by digest that names the tags, and returns those the
// registry did not say it has set (distribution-spec, "Pushing Manifests",
// tag parameters and OCI-Tag): all of them where it does not know the way.
func (r *registry) putTagged(ctx context.Context, ref Ref, tags []string, o Object) (left []string) {
	u := ref.url("manifests", o.Descriptor.Digest.String())
	u.RawQuery = url.Values{"tag": tags}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(o.Raw))
	if err != nil {
		return tags
	}
	req.Header.Set("Content-Type", o.Descriptor.MediaType)
	resp, err := r.do(req, http.StatusCreated)
	if err != nil || resp.Header.Get("Docker-Content-Digest") != o.Descriptor.Digest.String() {
		return tags
	}
	set := resp.Header.Values("OCI-Tag")
	return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(set, tag) })
}
