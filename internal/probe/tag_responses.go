package probe

import (
	"context"
	"net/http"

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
