package probe

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

const (
	specPull      = "distribution-spec, \"Pulling manifests\""
	specExistence = "distribution-spec, \"Checking if content exists in the registry\""
	specAccept    = "RFC 9110, section 12.5.1"
)

// acceptAll returns the media types that manifest-tool requests.
func acceptAll() []string {
	return []string{formatOCI.index(), formatDocker.index(), formatOCI.image(), formatDocker.image()}
}

// acceptChecks are about the media types that a client requests, and the headers of
// the responses.
func acceptChecks() []check {
	return []check{
		{"accept-all", SectionAccept, "an index is returned to a client that accepts all types", specPull, true, checkAccept(accepting{formatOCI, http.MethodGet, acceptAll(), failed})},
		{"accept-none", SectionAccept, "an index is returned without Accept", specAccept, false, checkAccept(accepting{formatOCI, http.MethodGet, nil, failed})},
		{"accept-any", SectionAccept, "an index is returned for Accept: */*", specAccept, false, checkAccept(accepting{formatOCI, http.MethodGet, []string{"*/*"}, failed})},
		{"accept-other-index", SectionAccept, "an OCI index is returned to a client that accepts Docker lists only", specPull, false, checkAccept(accepting{formatOCI, http.MethodGet, []string{manifest.MediaTypeDockerList}, skipped})},
		{"accept-image", SectionAccept, "an OCI index is returned to a client that accepts images only", specPull, false, checkAccept(accepting{formatOCI, http.MethodGet, []string{ocispec.MediaTypeImageManifest}, skipped})},
		{"accept-list-none", SectionAccept, "a Docker list is returned without Accept", specAccept, false, checkAccept(accepting{formatDocker, http.MethodGet, nil, skipped})},
		{"accept-list-other-index", SectionAccept, "a Docker list is returned to a client that accepts OCI indexes only", specPull, false, checkAccept(accepting{formatDocker, http.MethodGet, []string{ocispec.MediaTypeImageIndex}, skipped})},
		{"accept-list-image", SectionAccept, "a Docker list is returned to a client that accepts Docker images only", specPull, false, checkAccept(accepting{formatDocker, http.MethodGet, []string{manifest.MediaTypeDockerImage}, skipped})},
		{"accept-head", SectionAccept, "HEAD finds an index", specExistence, false, checkAccept(accepting{formatOCI, http.MethodHead, acceptAll(), failed})},
		{"accept-head-none", SectionAccept, "HEAD finds an index without Accept", specExistence, false, checkAccept(accepting{formatOCI, http.MethodHead, nil, failed})},
		{"accept-head-headers", SectionAccept, "HEAD and GET have the same headers", "RFC 9110, section 9.3.2", false, checkHeadHeaders},
		{"accept-length", SectionAccept, "HEAD has the size of the manifest", specExistence, false, checkHeadLength},
		{"accept-digest", SectionAccept, "HEAD and GET have the digest of the manifest", specPull, false, checkDigestHeader},
		{"accept-encoding", SectionAccept, "a manifest is not compressed without Accept-Encoding", "RFC 9110, section 12.5.3", false, checkEncoding},
	}
}

// accepting is a request for an index or list of a run with some Accept. refused is
// the outcome if the registry does not return it, or converts it.
type accepting struct {
	format  format
	method  string
	accept  []string
	refused outcomeFunc
}

// checkAccept requests an index. The fact "response" says how it came: unchanged,
// refused or converted to another type.
func checkAccept(a accepting) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		tag, o, err := r.pushTagged(ctx, a.format)
		switch {
		case err != nil && a.format == formatDocker:
			return unmet(err)
		case err != nil:
			return broken(err)
		}
		got, err := decided(r.getOnce(ctx, a.method, tag, a.accept...))
		if err != nil {
			return broken(err)
		}
		return a.judge(got, o)
	}
}

func (a accepting) judge(got response, o object) outcome {
	kind := mediaType(got)
	switch {
	case got.isRefusal():
		return a.refused("the response to %s is %s", a.method, statusText(got.status)).with("response", "refused")
	case got.status != http.StatusOK:
		return failed("the response to %s is %s", a.method, statusText(got.status)).with("response", "refused")
	case a.method == http.MethodHead:
		return passed("200 OK").with("response", "unchanged")
	case bytes.Equal(got.body, o.raw) && kind == o.mediaType:
		return passed("returned unchanged").with("response", "unchanged")
	case bytes.Equal(got.body, o.raw), kind == o.mediaType:
		return failed("%s", difference(got, o)).with("response", "changed")
	}
	return a.refused("converted to %s", kind).with("response", "converted").with("converted-to", kind)
}

// headAndGet requests the tagged index with both methods.
func (r *run) headAndGet(ctx context.Context) (head, get response, o object, err error) {
	tag, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return head, get, o, err
	}
	if head, err = r.getOnce(ctx, http.MethodHead, tag, acceptAll()...); err != nil {
		return head, get, o, err
	}
	get, err = r.getOnce(ctx, http.MethodGet, tag, acceptAll()...)
	switch {
	case err != nil:
	case head.status != http.StatusOK:
		err = errors.New("the response to HEAD is " + statusText(head.status))
	case get.status != http.StatusOK:
		err = errors.New("the response to GET is " + statusText(get.status))
	}
	return head, get, o, err
}

// checkHeadHeaders compares headers that other checks do not look at.
func checkHeadHeaders(ctx context.Context, r *run) outcome {
	head, get, _, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	var missing []string
	for _, name := range []string{"Content-Type", "Etag"} {
		of, want := head.header.Get(name), get.header.Get(name)
		switch {
		case of == "" && want != "":
			missing = append(missing, name)
		case of != want:
			return failed("%s is %q for HEAD and %q for GET", name, of, want)
		}
	}
	if len(missing) > 0 {
		return skipped("HEAD has no %s", joined(missing))
	}
	return passed("Content-Type and ETag are the same")
}

func checkHeadLength(ctx context.Context, r *run) outcome {
	head, _, o, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	switch length := head.header.Get("Content-Length"); length {
	case "":
		return skipped("HEAD has no Content-Length").with("head-length", "missing")
	case strconv.Itoa(len(o.raw)):
		return passed("%s bytes", length).with("head-length", "right")
	default:
		return failed("Content-Length is %s, and the manifest has %d bytes", length, len(o.raw)).with("head-length", "wrong")
	}
}

// checkDigestHeader compares Docker-Content-Digest with the bytes that were pushed.
func checkDigestHeader(ctx context.Context, r *run) outcome {
	head, get, o, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	var missing []string
	for _, one := range []struct {
		method string
		resp   response
	}{{http.MethodHead, head}, {http.MethodGet, get}} {
		switch got := one.resp.header.Get("Docker-Content-Digest"); got {
		case o.digest().String():
		case "":
			missing = append(missing, one.method)
		default:
			return failed("Docker-Content-Digest is %q for %s, and the manifest has %s", got, one.method, o.digest()).with("digest-header", "wrong")
		}
	}
	if len(missing) > 0 {
		return skipped("the response to %s has no Docker-Content-Digest", strings.Join(missing, " and ")).with("digest-header", "missing for "+joined(missing))
	}
	return passed("Docker-Content-Digest is right").with("digest-header", "right")
}

// checkEncoding looks for a compression that was not requested. HTTP permits it, but
// digest and size are those of the manifest before it. Whether it can be undone is the
// subject of accept-all.
func checkEncoding(ctx context.Context, r *run) outcome {
	_, get, _, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	coding := get.header.Get("Content-Encoding")
	if coding == "" || strings.EqualFold(coding, "identity") {
		return passed("not compressed").with("encoding", "none")
	}
	return skipped("compressed (%s), although the request does not have Accept-Encoding", coding).with("encoding", coding)
}
