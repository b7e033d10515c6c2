package probe

import (
	"context"
	"net/http"
	"strings"
)

// cachingChecks are about validators, caches, and limits of the rate.
func cachingChecks() []check {
	const conditional = "RFC 9110, section 13.1.2"
	return []check{
		{"caching-etag", SectionCaching, "a manifest has an ETag", "RFC 9110, section 8.8.3", false, checkETag},
		{"caching-if-none-match", SectionCaching, "an unchanged manifest is answered with 304", conditional, false, checkNotModified},
		{"caching-changed-tag", SectionCaching, "a tag that was overwritten is not answered with 304", conditional, false, checkChangedTag},
		{"caching-if-match", SectionCaching, "a tag is overwritten only if it has the expected ETag", "RFC 9110, section 13.1.1", false, checkIfMatch},
		{"caching-cache-control", SectionCaching, "caches do not store tags without asking the registry", "RFC 9111, section 5.2.2", false, checkCacheControl},
		{"caching-rate-limit", SectionCaching, "the rate limit is announced", "draft-ietf-httpapi-ratelimit-headers", false, checkRateLimit},
		{"caching-retry-after", SectionCaching, "the response to a throttled request has Retry-After", "RFC 6585, section 4", false, checkRetryAfter},
	}
}

// taggedImage puts an image under a tag and requests it, both once in a run.
func (r *run) taggedImage(ctx context.Context, tag, architecture string) (object, response, error) {
	image := r.content.image(formatOCI, architecture)
	if !r.written.hasTag(r.repository, tag) {
		if err := r.tagImage(ctx, tag, architecture); err != nil {
			return image, response{}, err
		}
	}
	got, err := r.getOnce(ctx, http.MethodGet, tag, image.mediaType)
	if err == nil && got.status != http.StatusOK {
		err = &responseError{"the response to a GET of an image", got}
	}
	return image, got, err
}

// tagImage puts an image under a tag.
func (r *run) tagImage(ctx context.Context, tag, architecture string) error {
	if _, err := r.pushImage(ctx, formatOCI, architecture); err != nil {
		return err
	}
	put, err := r.putManifest(ctx, r.repository, tag, r.content.image(formatOCI, architecture))
	if err == nil && !put.isSuccess() {
		err = &responseError{"the response to a PUT of a tag", put}
	}
	return err
}

func checkETag(ctx context.Context, r *run) outcome {
	_, got, err := r.taggedImage(ctx, r.content.tag("caching"), "amd64")
	if err != nil {
		return broken(err)
	}
	etag := got.header.Get("Etag")
	switch {
	case etag == "":
		return skipped("no ETag is sent")
	case !isETag(etag):
		return failed("the ETag %s has no quotes", etag).with("etag", etag)
	}
	return passed("%s", etag).with("etag", "yes")
}

// isETag reports whether a value has the form of an ETag (RFC 9110, section 8.8.3).
func isETag(s string) bool {
	s = strings.TrimPrefix(s, "W/")
	return len(s) >= 2 && s[0] == '"' && strings.IndexByte(s[1:], '"') == len(s)-2
}

// validator is the ETag of a manifest; without one, the digest in quotes, which
// registries use.
func validator(o object, got response) string {
	if etag := got.header.Get("Etag"); etag != "" {
		return etag
	}
	return `"` + o.digest().String() + `"`
}

// getIf requests a manifest with a condition.
func (r *run) getIf(ctx context.Context, name, mediaType, etag string) (response, error) {
	return r.do(ctx, request{
		method: http.MethodGet, url: path(r.repository, kindManifests, name),
		header: map[string]string{"Accept": mediaType, "If-None-Match": etag},
	})
}

func checkNotModified(ctx context.Context, r *run) outcome {
	tag := r.content.tag("caching")
	image, got, err := r.taggedImage(ctx, tag, "amd64")
	if err != nil {
		return broken(err)
	}
	again, err := decided(r.getIf(ctx, tag, image.mediaType, validator(image, got)))
	switch {
	case err != nil:
		return broken(err)
	case again.status == http.StatusOK:
		return skipped("If-None-Match is ignored").with("if-none-match", "no")
	case again.status != http.StatusNotModified:
		return failed("the response is %s", statusText(again.status))
	}
	return passed("the response is 304").with("if-none-match", "yes")
}

// checkChangedTag overwrites a tag and requests it with the ETag of the old image: a
// registry or proxy that responds with 304 hides the new one.
func checkChangedTag(ctx context.Context, r *run) outcome {
	tag := r.content.tag("changed")
	old, got, err := r.taggedImage(ctx, tag, "amd64")
	if err != nil {
		return broken(err)
	}
	if err := r.tagImage(ctx, tag, "arm64"); err != nil {
		return broken(err)
	}
	again, err := decided(r.getIf(ctx, tag, old.mediaType, validator(old, got)))
	switch {
	case err != nil:
		return broken(err)
	case again.status == http.StatusNotModified:
		return failed("the response is 304 although the tag was overwritten: clients keep the old image")
	case again.status != http.StatusOK:
		return failed("the response is %s", statusText(again.status))
	}
	return passed("the response is 200 with the new image")
}

// checkIfMatch overwrites a tag with the ETag of another image. Few registries compare
// it, and the specification does not require that.
func checkIfMatch(ctx context.Context, r *run) outcome {
	tag := r.content.tag("if-match")
	if err := r.tagImage(ctx, tag, "amd64"); err != nil {
		return broken(err)
	}
	other := r.content.image(formatOCI, "arm64")
	if _, err := r.pushImage(ctx, formatOCI, "arm64"); err != nil {
		return broken(err)
	}
	put, err := decided(r.do(ctx, request{
		method: http.MethodPut, url: path(r.repository, kindManifests, tag), body: other.raw,
		header: map[string]string{"Content-Type": other.mediaType, "If-Match": `"` + other.digest().String() + `"`},
	}))
	switch {
	case err != nil:
		return broken(err)
	case put.status == http.StatusPreconditionFailed:
		return passed("the response is 412: a tag can be compared and overwritten in one request").with("if-match", "yes")
	case put.isSuccess():
		return skipped("If-Match is ignored").with("if-match", "no")
	}
	return failed("the response is %s", statusText(put.status))
}
