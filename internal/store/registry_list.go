package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// maxPages bounds the pages of a list, maxTags and maxReferrers the entries on
// all of them (fault 14).
const (
	maxPages     = 1000
	maxTags      = 1_000_000
	maxReferrers = 20_000
)

// pageSize is how many tags a request asks for. Registries may return fewer.
const pageSize = 1000

func (r *registry) tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	first := requestURL(ref, "tags", "list")
	first.RawQuery = url.Values{"n": {strconv.Itoa(pageSize)}}.Encode()
	var tags []string
	err := r.pages(ctx, ref.WithTag(""), first, "application/json", func(page []byte) error {
		var list struct {
			Tags []string `json:"tags"`
		}
		if err := json.Unmarshal(page, &list); err != nil {
			return listError(page, &listFormError{"tags", errtext.DecodeError(page, err)})
		}
		tags = append(tags, list.Tags...)
		return checkLimit(len(tags), maxTags)
	})
	return tags, err
}

// untagged returns nothing: a registry lists only tags.
func (*registry) untagged(context.Context, reference.Ref) ([]digest.Digest, error) { return nil, nil }

func (r *registry) referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	var found []ocispec.Descriptor
	at := requestURL(ref, "referrers", ref.Digest.String())
	err := r.pages(ctx, ref, at, ocispec.MediaTypeImageIndex, func(page []byte) error {
		var list ocispec.Index
		if err := json.Unmarshal(page, &list); err != nil || list.SchemaVersion != 2 {
			return listError(page, &listFormError{list: "referrers"})
		}
		found = append(found, list.Manifests...)
		return checkLimit(len(found), maxReferrers)
	})
	return found, err
}

func checkLimit(n, limit int) error {
	if n > limit {
		return fmt.Errorf("the list has more than %d entries", limit)
	}
	return nil
}

// pages fetches a list page by page and passes each to take, until there is no
// next page or the next one was read before.
func (r *registry) pages(ctx context.Context, what fmt.Stringer, first *url.URL, accept string, take func(page []byte) error) error {
	seen := map[string]bool{}
	doubted := false
	at := first
	for n := 0; at != nil && !seen[at.RawQuery]; n++ {
		if n == maxPages {
			return fmt.Errorf("%s: the list has more than %d pages", what, maxPages)
		}
		seen[at.RawQuery] = true
		page, link, err := r.page(ctx, at, accept)
		if err != nil {
			return readError(what, err)
		}
		if err := take(page); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if link.doubt != nil && !doubted {
			doubted = true
			if err := r.transport.WarnOrFail(fmt.Errorf("%s: %w", what, link.doubt)); err != nil {
				return err
			}
		}
		at = link.next
	}
	return nil
}

// page fetches one page and returns the link to the next one.
func (r *registry) page(ctx context.Context, at *url.URL, accept string) ([]byte, pageLink, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, pageLink{}, err
	}
	req.Header.Set("Accept", accept)
	resp, err := r.client.Do(req) //nolint:bodyclose // Discard closes it
	if err != nil {
		return nil, pageLink{}, err
	}
	defer transport.Discard(resp)
	if err := transport.CheckResponse(resp, http.StatusOK); err != nil {
		return nil, pageLink{}, err
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, pageLink{}, err
	}
	link, err := nextPage(at, resp.Request.URL.Scheme, resp.Header.Values("Link"))
	return page, link, err
}
