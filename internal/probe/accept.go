package probe

import (
	"bytes"
	"context"
	"net/http"

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
