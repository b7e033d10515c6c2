package probe

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"manifest-tool/internal/store"
)

// nextLink returns the address of the next page as the registry wrote it.
func nextLink(r response) (*url.URL, error) {
	target, err := store.NextLink(strings.Join(r.header.Values("Link"), ","))
	switch {
	case err != nil:
		return nil, err
	case target == "":
		return nil, errors.New("the Link header has no relation next")
	}
	to, err := url.Parse(target)
	if err != nil {
		return nil, errors.New("the address in the Link header is not a URL")
	}
	return to, nil
}

// checkTagsLink compares the address of the next page with that of the list: proxies
// in front of a registry often make it write an address that only they know.
func checkTagsLink(ctx context.Context, r *run) outcome {
	if _, err := r.someTags(ctx); err != nil {
		return broken(err)
	}
	list, wrong, ok := r.listTags(ctx, "?n=2")
	if !ok {
		return wrong
	}
	if list.header.Get("Link") == "" {
		return skipped("the registry sends no Link").with("link", "none")
	}
	link, err := nextLink(list.response)
	if err != nil {
		return failed("%s", err).with("link", "invalid")
	}
	shape := addressShape(link.String())
	to := list.url.ResolveReference(link)
	switch {
	case !strings.EqualFold(to.Host, r.host):
		return failed("the next page is at another host, %s", to.Host).with("link", "other host")
	case link.Scheme != "" && (link.Scheme == "https") != (list.tls != nil):
		return failed("the next page is at %s, unlike the list", link.Scheme).with("link", "other scheme")
	case to.Path != list.url.Path:
		return failed("the next page is at another path, %s", to.Path).with("link", "other path")
	}
	return passed("the address in Link is %s", shape).with("link", shape)
}
