package probe

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"manifest-tool/internal/store/transport"
)

// putResponse returns the response to the push of the tagged index.
func (r *run) putResponse(ctx context.Context) (response, object, error) {
	tag, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return response{}, o, err
	}
	put, err := decided(r.doOnce(ctx, putRequest(path(r.repository, "manifests", tag), o)))
	return put, o, err
}

func checkPutDigest(ctx context.Context, r *run) outcome {
	put, o, err := r.putResponse(ctx)
	if err != nil {
		return broken(err)
	}
	switch got := put.header.Get("Docker-Content-Digest"); got {
	case o.digest().String():
		return passed("Docker-Content-Digest is right").with("put-digest", "right")
	case "":
		return skipped("the response has no Docker-Content-Digest").with("put-digest", "missing")
	default:
		return failed("Docker-Content-Digest is %q, and the index has %s", got, o.digest()).with("put-digest", "wrong")
	}
}

func checkManifestLocation(ctx context.Context, r *run) outcome {
	put, _, err := r.putResponse(ctx)
	if err != nil {
		return broken(err)
	}
	text := put.header.Get("Location")
	to, err := put.url.Parse(text)
	switch {
	case text == "":
		return failed("the response has no Location")
	case err != nil:
		return failed("Location is not a URL")
	}
	shape := "same host"
	switch {
	case to.Host != put.url.Host:
		shape = "other host"
	case to.Scheme != put.url.Scheme:
		shape = "other scheme"
	}
	return passed("Location is %s", transport.RedactURL(to)).with("manifest-location", shape)
}

func checkUnknownTag(ctx context.Context, r *run) outcome {
	got, err := decided(r.getManifest(ctx, http.MethodGet, r.content.tag("unknown"), acceptAll()...))
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusNotFound:
		return failed("the response to GET is %s", statusText(got.status))
	}
	return passed("404 Not Found")
}

// checkWrongDigest pushes an index under the digest of something else.
func checkWrongDigest(ctx context.Context, r *run) outcome {
	_, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return broken(err)
	}
	wrong := r.content.blob("wrong digest").digest().String()
	out, stored := r.store(ctx, wrong, o, passed)
	if stored {
		return failed("the manifest was stored under a digest that is not its own").with("digest-compared", "no")
	}
	return out
}

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
