package probe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// referrerList is a response of the referrers API.
type referrerList struct {
	response
	index ocispec.Index
	// problem says what is wrong with the response as a whole.
	problem string
}

// referrers requests the referrers of a digest, once in a run. A registry without the
// API is errNoReferrers; only the response for a digest that it stored decides that.
func (r *run) referrers(ctx context.Context, of digest.Digest, artifactType string) (referrerList, error) {
	at := path(r.repository, "referrers", of.String())
	if artifactType != "" {
		at += "?" + url.Values{"artifactType": {artifactType}}.Encode()
	}
	got, err := decided(r.doOnce(ctx, request{method: http.MethodGet, url: at}))
	list := referrerList{response: got}
	switch {
	case err != nil:
	case got.has(http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented), isPage(got):
		err = errNoReferrers
	case got.status != http.StatusOK:
		list.problem = "the response to GET is " + statusText(got.status)
	case json.Unmarshal(got.body, &list.index) != nil, list.index.Manifests == nil:
		list.problem = "the response is not an index"
	case mediaType(got) != ocispec.MediaTypeImageIndex:
		list.problem = "the response has the media type " + quoted(mediaType(got))
	}
	return list, err
}

// isPage reports whether a response is a page of a website, which some registries
// return for paths that they do not know.
func isPage(r response) bool { return r.status == http.StatusOK && mediaType(r) == "text/html" }

// noReferrers is the outcome of a check of a registry without the referrers API.
func noReferrers(err error) outcome {
	if errors.Is(err, errNoReferrers) {
		return skipped("%s", err).with("referrers-api", "no")
	}
	return broken(err)
}

// listed returns the descriptor of an artifact in a list.
func (l referrerList) listed(o object) (ocispec.Descriptor, bool) {
	n := slices.IndexFunc(l.index.Manifests, func(d ocispec.Descriptor) bool { return d.Digest == o.digest() })
	if n < 0 {
		return ocispec.Descriptor{}, false
	}
	return l.index.Manifests[n], true
}
