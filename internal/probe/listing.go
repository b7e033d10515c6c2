package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// listingChecks are about lists of tags and repositories.
func listingChecks() []check {
	const spec = "distribution-spec, \"Listing Tags\""
	return []check{
		{"tags-list", SectionListing, "the tags of a repository are listed in order", spec, false, checkTagsList},
		{"tags-page", SectionListing, "a list of tags can be read page by page", spec, false, checkTagsPage},
		{"tags-link", SectionListing, "the next page is at an address of the same list", "RFC 8288; " + spec, false, checkTagsLink},
		{"tags-last", SectionListing, "a list of tags can begin after a tag", spec, false, checkTagsLast},
		{"tags-unknown-repository", SectionListing, "the list of a repository that does not exist is 404", spec, false, checkTagsUnknown},
		{"tags-empty", SectionListing, "a repository without tags has an empty list", spec, false, checkTagsEmpty},
		{"catalog", SectionListing, "the repositories can be listed", "distribution-spec, \"Endpoints\" (reserved)", false, checkCatalog},
	}
}

// tagList is a page of a list of tags.
type tagList struct {
	response
	Tags []string `json:"tags"`
}

// listTags requests a list of tags. ok is false if the outcome of the check is known:
// the response is not a list.
func (r *run) listTags(ctx context.Context, query string) (list tagList, wrong outcome, ok bool) {
	resp, err := r.doOnce(ctx, request{method: http.MethodGet, url: path(r.repository, "tags", "list") + query})
	list.response = resp
	switch {
	case err != nil:
		return list, broken(err), false
	case resp.status != http.StatusOK:
		return list, unexpected("the response to a GET of the tags", resp), false
	case json.Unmarshal(resp.body, &list) != nil:
		return list, failed("the list of tags is not the JSON of the specification"), false
	}
	return list, outcome{}, true
}

// someTags returns at least three tags of this run, in order, and pushes those that
// are missing.
func (r *run) someTags(ctx context.Context) ([]string, error) {
	const enough = 3
	var tags []string
	for _, i := range r.written.all {
		if i.isTag() && i.repository == r.repository {
			tags = append(tags, i.name)
		}
	}
	if len(tags) < enough {
		if _, err := r.pushImage(ctx, formatOCI, "amd64"); err != nil {
			return nil, err
		}
	}
	for n := 1; len(tags) < enough; n++ {
		tag := r.content.tag(fmt.Sprintf("list-%d", n))
		if err := r.pushOnce(ctx, tag, r.content.image(formatOCI, "amd64"), "pushing a tag"); err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags, nil
}

// checkTagsList reads a list without parameters. The order is only compared for the
// tags of this run, which both permitted orders sort alike.
func checkTagsList(ctx context.Context, r *run) outcome {
	tags, err := r.someTags(ctx)
	if err != nil {
		return broken(err)
	}
	list, wrong, ok := r.listTags(ctx, "")
	if !ok {
		return wrong
	}
	own := slices.DeleteFunc(slices.Clone(list.Tags), func(tag string) bool { return !slices.Contains(tags, tag) })
	switch {
	case len(own) < len(tags) && list.header.Get("Link") != "":
		return passed("the first page has %d tags", len(list.Tags))
	case len(own) < len(tags):
		return failed("the list has %d of the %d tags that were pushed", len(own), len(tags))
	case !slices.IsSorted(own):
		return failed("the tags are not in lexical order")
	}
	return passed("the list has all tags that were pushed")
}

// checkTagsPage reads two pages of two tags.
func checkTagsPage(ctx context.Context, r *run) outcome {
	if _, err := r.someTags(ctx); err != nil {
		return broken(err)
	}
	first, wrong, ok := r.listTags(ctx, "?n=2")
	switch {
	case !ok:
		return wrong
	case len(first.Tags) > 2:
		return failed("n is ignored: the response to n=2 has %d tags", len(first.Tags)).with("pages", "n ignored")
	case first.header.Get("Link") == "" && len(first.Tags) < 2:
		return failed("the response to n=2 has %d tags and no Link, and there are more", len(first.Tags)).with("pages", "no Link")
	case first.header.Get("Link") == "":
		return skipped("the list is cut after two tags without a Link, so that a client reads only these").with("pages", "no Link")
	}
	next, err := nextLink(first.response)
	if err != nil {
		return broken(err)
	}
	// Only the query is used, as in a push: the address is the subject of tags-link.
	second, wrong, ok := r.listTags(ctx, "?"+next.RawQuery)
	switch {
	case !ok:
		return wrong
	case len(second.Tags) == 0:
		return failed("the second page is empty, and there are more tags").with("pages", "wrong page")
	case slices.ContainsFunc(second.Tags, func(tag string) bool { return slices.Contains(first.Tags, tag) }):
		return failed("the second page repeats a tag of the first one").with("pages", "wrong page")
	}
	return passed("Link leads to the second page").with("pages", "yes")
}

func checkTagsLast(ctx context.Context, r *run) outcome {
	tags, err := r.someTags(ctx)
	if err != nil {
		return broken(err)
	}
	list, wrong, ok := r.listTags(ctx, "?n=1&last="+tags[0])
	switch {
	case !ok:
		return wrong
	case slices.Contains(list.Tags, tags[0]):
		return failed("last is ignored: the list has the tag itself").with("last", "ignored")
	case len(list.Tags) == 0:
		return failed("the list after a tag is empty, and there are more tags").with("last", "empty")
	case slices.ContainsFunc(list.Tags, func(tag string) bool { return tag < tags[0] && strings.HasPrefix(tag, r.content.tag("")) }):
		return failed("the list after a tag has an earlier one").with("last", "wrong")
	}
	return passed("the list begins after the tag").with("last", "yes")
}

func checkTagsUnknown(ctx context.Context, r *run) outcome {
	const fact = "unknown-repository"
	resp, err := r.do(ctx, request{method: http.MethodGet, url: path(r.sibling+"-none", "tags", "list")})
	switch {
	case err != nil:
		return broken(err)
	case resp.has(http.StatusUnauthorized, http.StatusForbidden):
		return skipped("the response is %s: the registry does not reveal whether a repository exists", statusText(resp.status)).with(fact, strconv.Itoa(resp.status))
	case resp.status == http.StatusOK:
		return skipped("the response is 200 with a list").with(fact, "200")
	case resp.status != http.StatusNotFound:
		return unexpected("the response to a GET of its tags", resp).with(fact, strconv.Itoa(resp.status))
	}
	return passed("the response is 404").with(fact, "404")
}

// checkTagsEmpty lists the sibling, which has blobs and no tags. A registry may respond
// that it does not exist; some return null in place of an empty list.
func checkTagsEmpty(ctx context.Context, r *run) outcome {
	const fact = "tags-empty"
	if err := r.putBlob(ctx, r.sibling, r.content.blob("mount")); err != nil {
		return broken(fmt.Errorf("in the repository %s: %w", r.sibling, err))
	}
	resp, err := r.do(ctx, request{method: http.MethodGet, url: path(r.sibling, "tags", "list")})
	var list tagList
	switch {
	case err != nil:
		return broken(err)
	case resp.status == http.StatusNotFound:
		return skipped("without tags, the response is 404").with(fact, "404")
	case resp.status != http.StatusOK:
		return unexpected("the response to a GET of its tags", resp)
	case json.Unmarshal(resp.body, &list) != nil:
		return failed("the list of tags is not the JSON of the specification").with(fact, "invalid")
	case list.Tags == nil:
		return passed("the list is null").with(fact, "null")
	}
	return passed("the list has %d tags", len(list.Tags)).with(fact, strconv.Itoa(len(list.Tags)))
}

// checkCatalog requests the list of repositories, which no registry must have.
func checkCatalog(ctx context.Context, r *run) outcome {
	resp, err := r.do(ctx, request{method: http.MethodGet, url: "/v2/_catalog?n=1"})
	var list struct {
		Repositories []string `json:"repositories"`
	}
	switch {
	case err != nil:
		return broken(err)
	case resp.status != http.StatusOK:
		return skipped("not supported, or not for this login: the response is %s", statusText(resp.status)).with("catalog", "no")
	case json.Unmarshal(resp.body, &list) != nil:
		return skipped("the response is not a list of repositories").with("catalog", "no")
	}
	return passed("the response has repositories").with("catalog", "yes")
}
