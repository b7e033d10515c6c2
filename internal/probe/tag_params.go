package probe

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// checkTagParams sets two tags with the request that pushes by digest.
func checkTagParams(ctx context.Context, r *run) outcome {
	_, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return broken(err)
	}
	tags := []string{r.content.tag("param-1"), r.content.tag("param-2")}
	name := o.digest().String()
	put, err := decided(r.putManifestAt(ctx, r.repository, name, path(r.repository, "manifests", name)+"?"+url.Values{"tag": tags}.Encode(), o))
	switch {
	case err != nil:
		return broken(err)
	case put.isRefusal():
		return skipped("the response to PUT is %s", statusText(put.status)).with("tag-params", "refused")
	case put.status != http.StatusCreated:
		return failed("the response to PUT is %s", statusText(put.status))
	}
	for _, tag := range tags {
		r.written.note(put, nil, manifestItems(r.repository, tag, o.digest())...)
	}
	return r.confirmTags(ctx, put, tags)
}

// confirmTags compares the tags that a response lists with those that exist now.
func (r *run) confirmTags(ctx context.Context, put response, tags []string) outcome {
	listed := put.header.Values("OCI-Tag")
	got, err := decided(r.getManifest(ctx, http.MethodHead, tags[1], acceptAll()...))
	confirmed := !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(listed, tag) })
	switch {
	case err != nil:
		return broken(err)
	case confirmed && got.status == http.StatusOK:
		return passed("OCI-Tag lists both tags").with("tag-params", "yes")
	case got.status == http.StatusOK:
		return failed("the tags were set, but OCI-Tag lists %d of 2", len(listed)).with("tag-params", "no")
	case len(listed) > 0:
		return failed("OCI-Tag lists %s, but the response for a tag is %s", joined(listed), statusText(got.status)).with("tag-params", "no")
	}
	for _, tag := range tags {
		r.written.forget(item{r.repository, kindManifests, tag})
	}
	return skipped("the tags in the query are ignored").with("tag-params", "no")
}
