//go:build e2e

package probe

// manifestCases break images, indexes and limits.
func manifestCases() []brokenCase {
	changed := func(check, content string) brokenCase {
		return brokenCase{check: check, breakage: breakage{"GET /manifests/" + content + " Accept=.*", otherBytes()}}
	}
	refused := func(check, content string) brokenCase {
		return brokenCase{check: check, breakage: breakage{"PUT /manifests/" + content + " .*", respond(500)}}
	}
	return []brokenCase{
		changed("image-oci", "image:plain"),
		changed("image-docker", "docker:plain"),
		changed("image-artifact", "image:artifact"),
		changed("image-bytes", "image:odd"),
		changed("image-sha512", "image:plain-512"),
		changed("index-oci", "index:index-oci"),
		changed("index-docker-list", "list:plain"),
		changed("index-docker-children", "index:index-docker"),
		changed("index-nested", "index:index-nested"),
		changed("index-empty", "index:index-empty"),
		changed("index-no-media-type", "index:index-no-media-type"),
		refused("index-sparse", "index:sparse-index"),
		refused("index-sparse-list", "list:sparse"),
		refused("index-child-size", "index:index-child-size"),
		{check: "limit-manifest", breakage: breakage{"GET /manifests/image:padded .*", replace(` $`, "")}},
		refused("limit-manifest-exceeded", "image:exceeded"),
		changed("limit-entries", "index:entries-1000"),
		changed("limit-annotation", "index:annotation"),
	}
}
