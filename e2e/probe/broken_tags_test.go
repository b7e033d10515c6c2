//go:build e2e

package probe

import (
	"strings"

	"github.com/opencontainers/go-digest"
)

// tagCases break tags, the responses to each Accept, and conditional requests.
func tagCases() []brokenCase {
	const digestHeader, first = "Docker-Content-Digest", "GET /manifests/caching Accept=image"
	other := digest.FromString("other").String()
	accepting := func(check, request string) brokenCase {
		return brokenCase{check: check, breakage: breakage{"GET /manifests/" + request, otherBytes()}}
	}
	head := func(check, name, value string) brokenCase {
		return brokenCase{check: check, breakage: breakage{"HEAD /manifests/tag Accept=all", header(name, value)}}
	}
	noHead := map[string]string{"accept-head-headers": "error", "accept-length": "error", "accept-digest": "error", "accept-encoding": "error"}
	return []brokenCase{
		{check: "tag-push", breakage: breakage{"GET /manifests/tag Accept=index", otherBytes()}},
		{check: "tag-put-digest", breakage: breakage{"PUT /manifests/tag .*", header(digestHeader, other)}},
		{check: "tag-location", breakage: breakage{"PUT /manifests/tag .*", header("Location", "")}},
		{check: "tag-by-digest", breakage: breakage{"GET /manifests/index:tag .*", respond(404)}},
		{check: "tag-several", breakage: breakage{"PUT /manifests/second index:tag", respond(409)}, others: map[string]string{"tag-overwrite": "error"}},
		{check: "tag-overwrite", breakage: breakage{"PUT /manifests/second index:index-oci", respond(201)}},
		{check: "tag-params", breakage: breakage{`PUT /manifests/index:tag\?tag=.*`, header("OCI-Tag", "x")}},
		{check: "tag-unknown", breakage: breakage{"GET /manifests/unknown .*", respond(500)}},
		{check: "tag-wrong-digest", breakage: breakage{"PUT /manifests/missing index:tag", respond(201)}},
		accepting("accept-all", "tag Accept=all"),
		accepting("accept-none", "tag"),
		accepting("accept-any", `tag Accept=\*/\*`),
		accepting("accept-other-index", "tag Accept=list"),
		accepting("accept-image", "tag Accept=image"),
		accepting("accept-list-none", "list"),
		accepting("accept-list-other-index", "list Accept=index"),
		accepting("accept-list-image", "list Accept=docker"),
		{check: "accept-head", breakage: breakage{"HEAD /manifests/tag Accept=all", respond(405)}, others: noHead},
		{check: "accept-head-none", breakage: breakage{"HEAD /manifests/tag", respond(404)}},
		head("accept-head-headers", "Content-Type", "text/plain"),
		head("accept-length", "Content-Length", "1"),
		head("accept-digest", digestHeader, other),
		{check: "accept-encoding", breakage: breakage{"GET /manifests/tag Accept=all", compressed()}, status: "skip"},
		{check: "caching-etag", breakage: breakage{first + ".*", withHeader("If-None-Match", respond(304), header("ETag", "abc"))}},
		{check: "caching-if-none-match", breakage: breakage{first + " If-None-Match.*", respond(400)}},
		{check: "caching-changed-tag", breakage: breakage{"GET /manifests/changed .* If-None-Match.*", respond(304)}},
		{check: "caching-if-match", breakage: breakage{"PUT /manifests/if-match .* If-Match.*", respond(400)}},
		{check: "caching-cache-control", breakage: breakage{first, header("Cache-Control", "public, max-age=300")}, status: "skip"},
		{check: "caching-rate-limit", breakage: breakage{first, header("RateLimit-Limit", "many")}, status: "skip"},
		{check: "caching-retry-after", breakage: breakage{"PUT /manifests/caching .*", once(respond(429, "Retry-After", "soon"))}},
	}
}

// listCases break lists of tags, repositories and referrers.
func listCases() []brokenCase {
	const list, referrers = "GET /tags/list", "GET /referrers/image:plain"
	noAPI := map[string]string{}
	for _, one := range strings.Fields("list fields filter none") {
		noAPI["referrers-"+one] = "skip"
	}
	return []brokenCase{
		{check: "tags-list", breakage: breakage{list, send("<html>")}},
		{check: "tags-page", breakage: breakage{list + `\?last=[\w-]+&n=2`, send(`{"tags":[]}`)}},
		{check: "tags-link", breakage: breakage{list + `\?n=2`, prefixLink("http://internal:5000")}},
		{check: "tags-last", breakage: breakage{list + `\?n=1&last=.*`, withQuery("n=1")}},
		{check: "tags-unknown-repository", breakage: breakage{"GET -manifest-tool-test-none/tags/list", respond(500)}},
		{check: "tags-empty", breakage: breakage{"GET -manifest-tool-test/tags/list", send("<html>")}},
		{check: "catalog", breakage: breakage{"GET /v2/_catalog.*", respond(404)}, status: "skip"},
		{check: "referrers-subject", breakage: breakage{"GET /manifests/image:referrer .*", otherBytes()}},
		{check: "referrers-list", breakage: breakage{referrers, replace(`"size":\d+`, `"size":1`)}},
		{check: "referrers-fields", breakage: breakage{referrers, replace(`"artifactType":"[^"]+"`, `"artifactType":"other"`)}},
		{check: "referrers-header", breakage: breakage{"PUT /manifests/image:referrer .*", header("OCI-Subject", "")}},
		{check: "referrers-filter", breakage: breakage{referrers + `\?.*other`, withQuery("")}},
		{check: "referrers-none", breakage: breakage{"GET /referrers/missing", respond(404)}},
		{check: "referrers-fallback", breakage: breakage{"GET /(referrers/.*|manifests/sha256-.*)", referrersTag()}, others: noAPI},
	}
}
