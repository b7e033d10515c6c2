package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

func TestDeletion(t *testing.T) {
	const tag, digest, blob = "/manifests/manifest-tool-test-", "/manifests/sha256:", "/blobs/sha256:"
	assertOneChanged(t, SectionDeletion, []changedCase{
		{"tags stay", changed{method: "DELETE", path: tag, instead: responding(400)}, "delete-tag", StatusSkip, "400"},
		{"tags accepted but stay", changed{method: "DELETE", path: tag, instead: responding(202)}, "delete-tag", StatusFail, "HEAD of the tag is 200"},
		{"tags not permitted", changed{method: "DELETE", path: tag, instead: responding(403)}, "delete-tag", StatusError, "403"},
		{"tags not found", changed{method: "DELETE", path: tag, instead: responding(404)}, "delete-tag", StatusFail, "404"},
		{"manifests stay", changed{method: "DELETE", path: digest, instead: responding(405)}, "delete-manifest", StatusSkip, "405"},
		{"manifests accepted but stay", changed{method: "DELETE", path: digest, instead: acceptedOnce()}, "delete-manifest", StatusFail, "HEAD of the digest is 200"},
		{"blobs stay", changed{method: "DELETE", path: blob, instead: responding(405)}, "delete-blob", StatusSkip, "405"},
		{"blobs accepted but stay", changed{method: "DELETE", path: blob, instead: responding(202)}, "delete-blob", StatusFail, "HEAD of the blob is 200"},
		{"unknown is accepted", changed{method: "DELETE", path: digest, edit: turning(404, 202)}, "delete-unknown", StatusFail, "202"},
	})
}

// acceptedOnce accepts the first request and refuses the others.
func acceptedOnce() http.HandlerFunc {
	status := http.StatusAccepted
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		status = http.StatusNotFound
	}
}

// A registry that deletes an image although an index has it is not wrong.
func TestDeletedChild(t *testing.T) {
	good := probetest.NewRegistry()
	host := serve(t, changed{method: "DELETE", path: "/manifests/sha256:", edit: turning(405, 202)}.over(good))
	report := probeHost(t, host, transport.Options{}, SectionDeletion)
	got, _ := report.Result("delete-child")
	if got.Status != StatusSkip || got.Facts["delete-child"] != "deleted" {
		t.Errorf("delete-child: %s %q %v", got.Status, got.Detail, got.Facts)
	}
}

// distribution 2.8 refuses to delete a tag, and deletes it with its manifest: nothing
// is left.
func TestTagsThatGoWithTheirManifest(t *testing.T) {
	good := probetest.NewRegistry()
	host := serve(t, changed{method: "DELETE", path: "/manifests/manifest-tool-test-", instead: responding(400)}.over(good))
	report := probeHost(t, host, transport.Options{}, SectionListing, SectionDeletion)
	if len(report.Left) > 0 {
		t.Errorf("left: %q", report.Left)
	}
	got := probetest.Send(good, http.MethodGet, "/v2/team/app/tags/list").Body.String()
	if strings.Contains(got, "manifest-tool-test") {
		t.Errorf("tags that were not reported as left: %s", got)
	}
}

func TestLeftWithoutDeletion(t *testing.T) {
	good := probetest.NewRegistry()
	var deletes int
	host := serve(t, changed{method: "DELETE", instead: func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/uploads/") {
			deletes++
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	}}.over(good))
	report := probeHost(t, host, transport.Options{}, SectionBlobs, SectionListing)
	for _, expected := range []string{host + "/team/app:manifest-tool-test-", host + "/team/app@sha256:"} {
		if !strings.Contains(strings.Join(report.Left, "\n"), expected) {
			t.Errorf("left has no %s: %q", expected, report.Left)
		}
	}
	for _, ref := range report.Left {
		name := strings.TrimPrefix(ref, host+"/team/app")
		if name[0] == ':' && probetest.Send(good, http.MethodHead, "/v2/team/app/manifests/"+name[1:]).Code != http.StatusOK {
			t.Errorf("%s does not exist", ref)
		}
	}
	if deletes > 4 {
		t.Errorf("%d deletions were tried, although they are refused", deletes)
	}
}

func TestLimits(t *testing.T) {
	const manifests = "/manifests/sha256:"
	// Bodies of some 200 kB, an index of 1000 entries, take a registry long.
	above := func(limit int64, status int) changed {
		good := probetest.NewRegistry()
		return changed{instead: func(w http.ResponseWriter, r *http.Request) {
			if n := r.ContentLength; r.Method == http.MethodPut && strings.Contains(r.URL.Path, manifests) && (n > limit || n > 100<<10 && n < 256<<10) {
				w.WriteHeader(status)
				return
			}
			good.ServeHTTP(w, r)
		}}
	}
	assertOneChanged(t, SectionLimits, []changedCase{
		{"1 MiB proxy", above(1<<20, 413), "limit-manifest", StatusSkip, "1048576 bytes are accepted; 4194304 bytes: 413"},
		{"100 kB", above(100<<10, 413), "limit-entries", StatusSkip, "100 entries are accepted; 1000 entries: 413"},
		{"70 kB", above(70<<10, 400), "limit-annotation", StatusSkip, "65536 bytes are accepted; 1048576 bytes: 400"},
		{"tiny", above(10<<10, 413), "limit-manifest", StatusSkip, "no size was accepted"},
		{"400", above(4<<20, 400), "limit-manifest-exceeded", StatusSkip, "recommends 413"},
		{"500", above(4<<20, 500), "limit-manifest-exceeded", StatusFail, "500"},
		{"other bytes", above(4<<20, 413).truncating(), "limit-manifest", StatusFail, "other bytes"},
		{"closed", above(4<<20, 413).closing(), "limit-manifest-exceeded", StatusSkip, "without a response"},
	})
}

// truncating removes the last byte of manifests of 4 MiB.
func (f changed) truncating() changed {
	inner := f.instead
	f.instead = changed{method: http.MethodGet, edit: func(rec *httptest.ResponseRecorder) {
		if rec.Body.Len() == 4<<20 {
			rec.Body.Truncate(4<<20 - 1)
			header("Content-Length", "")(rec)
		}
	}}.over(inner).ServeHTTP
	return f
}

// closing closes the connection instead of refusing a manifest above the limit.
func (f changed) closing() changed {
	inner := f.instead
	f.instead = func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 4<<20 {
			panic(http.ErrAbortHandler)
		}
		inner(w, r)
	}
	return f
}
