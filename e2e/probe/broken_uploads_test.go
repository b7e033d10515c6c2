//go:build e2e

package probe

// uploadCases break uploads, mounts and deletions.
func uploadCases() []brokenCase {
	const blob, sibling, from = "/blobs/blob:two-step", "-manifest-tool-test", `from=team%2Fscratch-manifest-tool-test`
	return []brokenCase{
		{check: "blob-two-step", breakage: breakage{"PUT .*blob:two-step", respond(500)}, blocks: true},
		{check: "blob-read-back", breakage: breakage{"(GET|HEAD) " + blob, until("GET", respond(404))}},
		{check: "blob-created", breakage: breakage{"PUT .*blob:two-step", header("Location", "")}},
		{check: "blob-get", breakage: breakage{"GET " + blob, otherBytes()}},
		{check: "blob-head", breakage: breakage{"HEAD " + blob, header("Content-Length", "3")}},
		{check: "blob-missing", breakage: breakage{"HEAD /blobs/missing", respond(200)}},
		{check: "blob-range", breakage: breakage{"GET " + blob + " Range=.*", otherBytes()}},
		{check: "blob-wrong-digest", breakage: breakage{"PUT .* blob:sent", turn(201)}},
		{check: "blob-single-post", breakage: breakage{"POST .* blob:single-post", respond(201)}},
		{check: "blob-chunked", breakage: breakage{"PATCH .* chunk=0-.*", header("Range", "0-9999")}},
		{check: "blob-chunk-order", breakage: breakage{"PATCH .* chunk=4.*", respond(202)}},
		{check: "blob-location", breakage: breakage{"POST .*/blobs/uploads/.*", header("Location", "")}, blocks: true},
		{check: "blob-upload-status", breakage: breakage{"GET /blobs/upload", respond(405)}},
		{check: "blob-upload-cancel", breakage: breakage{"DELETE /blobs/upload", respond(204)}},
		{check: "mount", breakage: breakage{"HEAD /blobs/blob:mount", respond(404)}},
		{check: "mount-anonymous", breakage: breakage{"HEAD " + sibling + blob, respond(404)}},
		{check: "mount-unknown-blob", breakage: breakage{`POST .*\?` + from + "&mount=missing", respond(201)}},
		{check: "mount-unknown-repository", breakage: breakage{`POST .*\?` + from + "-none&mount=missing", respond(201)}},
		{check: "delete-tag", breakage: breakage{"DELETE /manifests/delete-tag", respond(202)}},
		{check: "delete-manifest", breakage: breakage{"DELETE /manifests/image:delete-manifest", respond(202)}, others: map[string]string{"delete-child": "skip"}},
		{check: "delete-child", breakage: breakage{"DELETE /manifests/image:delete-child", respond(500)}},
		{check: "delete-blob", breakage: breakage{"DELETE /blobs/blob:delete-blob", respond(202)}},
		{check: "delete-unknown", breakage: breakage{"DELETE /manifests/missing", respond(202)}},
	}
}
