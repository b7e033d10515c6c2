package store

import (
	"context"
	"fmt"
	"io"
	"manifest-tool/internal/store/transport"
	"net/http"
	"net/url"
)

// maxPages bounds the pages of a list, maxTags and maxReferrers what is listed
// on all of them (fault 14).
const (
	maxPages     = 1000
	maxTags      = 1_000_000
	maxReferrers = 20_000
)

// pageSize is how many tags are asked for at once. Registries may give fewer.
const pageSize = 1000

// pages fetches a list page by page and hands each to take, until there is no
// next one or it is one that was read before.
func (r *registry) pages(ctx context.Context, what fmt.Stringer, first *url.URL, accept string, take func(page []byte) error) error {
	seen := map[string]bool{}
	at := first
	for n := 0; at != nil && !seen[at.RawQuery]; n++ {
		if n == maxPages {
			return fmt.Errorf("%s: the list has more than %d pages", what, maxPages)
		}
		seen[at.RawQuery] = true
		page, next, err := r.page(ctx, at, accept)
		if err != nil {
			return readError(what, err)
		}
		if err := take(page); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		at = next
	}
	return nil
}

// page reads one page and where the list goes on.
func (r *registry) page(ctx context.Context, at *url.URL, accept string) (page []byte, next *url.URL, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", accept)
	resp, err := r.client.Do(req) //nolint:bodyclose // Discard closes it
	if err != nil {
		return nil, nil, err
	}
	defer transport.Discard(resp)
	if err := transport.CheckResponse(resp, http.StatusOK); err != nil {
		return nil, nil, err
	}
	if page, err = io.ReadAll(resp.Body); err != nil {
		return nil, nil, err
	}
	next, err = nextPage(at, resp.Request.URL.Scheme, resp.Header.Values("Link"))
	return page, next, err
}
