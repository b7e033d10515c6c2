package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// changedCase is a registry that does one thing in another way, and the result.
type changedCase struct {
	name    string
	changed changed
	check   string
	status  Status
	detail  string
}

// assertOneChanged runs a section on a registry with a fault: its check has the
// status, and no other one fails.
func assertOneChanged(t *testing.T, section Section, tests []changedCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			report := probeHost(t, serve(t, tt.changed.over(probetest.NewRegistry())), transport.Options{}, section)
			for _, got := range report.Results {
				switch {
				case got.Name != tt.check && got.Status == StatusFail:
					t.Errorf("%s fails, too: %s", got.Name, got.Detail)
				case got.Name == tt.check && (got.Status != tt.status || !strings.Contains(got.Detail, tt.detail)):
					t.Errorf("%s: %s %q, expected %s %q", got.Name, got.Status, got.Detail, tt.status, tt.detail)
				}
			}
		})
	}
}

func TestConformantRegistryPasses(t *testing.T) {
	report := probeHost(t, serve(t, probetest.NewRegistry()), transport.Options{}, SectionBlobs, SectionMounts, SectionLimits, SectionListing, SectionDeletion)
	for _, got := range report.Results {
		if got.Status != StatusPass {
			t.Errorf("%s: %s %q", got.Name, got.Status, got.Detail)
		}
	}
	if report.Requests > 100 {
		t.Errorf("%d requests, more than 100", report.Requests)
	}
	if len(report.Results) < 27 {
		t.Errorf("only %d checks", len(report.Results))
	}
}

func TestBlobs(t *testing.T) {
	storage := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+storage+"/blob?signature=secret", http.StatusTemporaryRedirect)
	}
	const uploads, blobs = "/blobs/uploads/", "/blobs/sha256:"
	assertOneChanged(t, SectionBlobs, []changedCase{
		{"POST fails", changed{method: "POST", withoutQuery: true, instead: responding(500)}, "blob-two-step", StatusFail, "opening an upload: the response to POST is 500"},
		{"POST busy", changed{method: "POST", instead: responding(503)}, "blob-two-step", StatusError, "503"},
		{"POST not permitted", changed{method: "POST", instead: responding(403)}, "blob-two-step", StatusError, "403"},
		{"PUT with 200", changed{method: "PUT", path: uploads, edit: turning(201, 200)}, "blob-created", StatusFail, "200 OK"},
		{"PUT without Location", changed{method: "PUT", path: uploads, edit: header("Location", "")}, "blob-created", StatusFail, "no Location"},
		{"other bytes", changed{method: "GET", path: blobs, edit: func(rec *httptest.ResponseRecorder) {
			if rec.Code == 200 {
				body("other")(rec)
			}
		}}, "blob-get", StatusFail, "other bytes"},
		{"HEAD refused", changed{method: "HEAD", path: blobs, edit: turning(200, 405)}, "blob-head", StatusFail, "405"},
		{"HEAD presigned", changed{method: "HEAD", path: blobs, instead: redirect}, "blob-head", StatusFail, "403 Forbidden after a redirect to " + storage},
		{"HEAD without length", changed{method: "HEAD", path: blobs, edit: func(rec *httptest.ResponseRecorder) {
			header("Content-Length", "")(rec)
			rec.Header().Set("Transfer-Encoding", "chunked")
		}}, "blob-head", StatusSkip, "no Content-Length"},
		{"HEAD with another length", changed{method: "HEAD", path: blobs, edit: header("Content-Length", "3")}, "blob-head", StatusFail, "length 3, not"},
		{"missing exists", changed{method: "HEAD", path: blobs, edit: turning(404, 200)}, "blob-missing", StatusFail, "200"},
		{"Range ignored", changed{method: "GET", path: blobs, request: func(r *http.Request) { r.Header.Del("Range") }}, "blob-range", StatusSkip, "ignored"},
		{"Range wrong", changed{method: "GET", path: blobs, edit: func(rec *httptest.ResponseRecorder) {
			if rec.Code == 206 {
				body("1234567")(rec)
			}
		}}, "blob-range", StatusFail, "other bytes"},
		{"wrong digest accepted", changed{method: "PUT", path: uploads, edit: turning(400, 201)}, "blob-wrong-digest", StatusFail, "under the digest of other bytes"},
		{"wrong digest is a server error", changed{method: "PUT", path: uploads, edit: turning(400, 500)}, "blob-wrong-digest", StatusFail, "500"},
		{"single POST unsupported", changed{method: "POST", query: "digest=", instead: responding(202, "Location", "/v2/team/app/blobs/uploads/1")}, "blob-single-post", StatusSkip, "202"},
		{"single POST refused", changed{method: "POST", query: "digest=", instead: responding(405)}, "blob-single-post", StatusSkip, "405"},
		{"single POST lost", changed{method: "POST", query: "digest=", instead: responding(201)}, "blob-single-post", StatusFail, "answered 201, and the response to HEAD is 404"},
		{"single POST fails", changed{method: "POST", query: "digest=", instead: responding(500)}, "blob-single-post", StatusFail, "500"},
	})
}

func TestUploadSessions(t *testing.T) {
	const uploads = "/blobs/uploads/"
	missing := func(rec *httptest.ResponseRecorder) {
		if rec.Code == 202 {
			header("Location", "")(rec)
		}
	}
	assertOneChanged(t, SectionBlobs, []changedCase{
		{"no Range", changed{method: "PATCH", edit: header("Range", "")}, "blob-chunked", StatusFail, `Range ""`},
		{"Range one too high", changed{method: "PATCH", edit: header("Range", "0-9999")}, "blob-chunked", StatusFail, `"0-9999"`},
		{"chunks refused", changed{method: "PATCH", edit: turning(202, 405)}, "blob-chunked", StatusFail, "PATCH is 405"},
		{"chunks without Location", changed{method: "PATCH", edit: header("Location", "")}, "blob-chunked", StatusFail, "no Location"},
		{"large chunks", changed{method: "POST", edit: header("OCI-Chunk-Min-Length", "1048576")}, "blob-chunked", StatusPass, ""},
		{"very large chunks", changed{method: "POST", edit: header("OCI-Chunk-Min-Length", "1073741824")}, "blob-chunked", StatusSkip, "1073741824"},
		{"order ignored", changed{method: "PATCH", edit: turning(416, 202)}, "blob-chunk-order", StatusFail, "accepted with 202"},
		{"order refused with 400", changed{method: "PATCH", edit: turning(416, 400)}, "blob-chunk-order", StatusFail, "400"},
		{"no Location", changed{method: "POST", path: uploads, edit: missing}, "blob-location", StatusFail, "no Location"},
		{"other scheme", changed{method: "POST", path: uploads, edit: header("Location", "ftp://storage/1")}, "blob-location", StatusFail, `"ftp"`},
		{"state unknown", changed{method: "GET", path: uploads, instead: responding(405)}, "blob-upload-status", StatusFail, "405"},
		{"state without Range", changed{method: "GET", path: uploads, edit: header("Range", "")}, "blob-upload-status", StatusFail, "no Range"},
		{"cancel refused", changed{method: "DELETE", path: uploads, instead: responding(405)}, "blob-upload-cancel", StatusSkip, "405"},
		{"cancel ignored", changed{method: "DELETE", path: uploads, instead: responding(204)}, "blob-upload-cancel", StatusFail, "still exists"},
	})
}

func TestUploadToAnotherHost(t *testing.T) {
	good := probetest.NewRegistry()
	var credentials []string
	var deleted int
	storage := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credentials = append(credentials, r.Header.Get("Authorization"))
		if r.Method == http.MethodDelete {
			deleted++
		}
		good.ServeHTTP(w, r)
	}))
	host := serve(t, changed{method: "POST", path: "/blobs/uploads/", edit: func(rec *httptest.ResponseRecorder) {
		rec.Header().Set("Location", "http://"+storage+rec.Header().Get("Location"))
	}}.over(good))
	report := probeHost(t, host, transport.Options{}, SectionBlobs)
	got, _ := report.Result("blob-location")
	if got.Status != StatusPass || got.Facts["upload-host"] != storage {
		t.Errorf("blob-location: %s %q %v", got.Status, got.Detail, got.Facts)
	}
	if len(credentials) == 0 || strings.Join(credentials, "") != "" {
		t.Errorf("the other host got the credentials %q", credentials)
	}
	if deleted > 0 {
		t.Errorf("%d DELETE were sent to an address that the registry chose", deleted)
	}
}

// A push refuses an upload that leaves https.
func TestUploadThatLeavesHTTPS(t *testing.T) {
	var host string
	server := httptest.NewTLSServer(changed{method: "POST", path: "/blobs/uploads/", edit: func(rec *httptest.ResponseRecorder) {
		rec.Header().Set("Location", "http://"+host+rec.Header().Get("Location"))
	}}.over(probetest.NewRegistry()))
	t.Cleanup(server.Close)
	host = strings.TrimPrefix(server.URL, "https://")
	report := probeHost(t, host, transport.Options{Base: server.Client().Transport}, SectionBlobs)
	got, _ := report.Result("blob-location")
	if got.Status != StatusFail || !strings.Contains(got.Detail, "is on https, and the Location is http://") {
		t.Errorf("blob-location: %s %q", got.Status, got.Detail)
	}
	if two, _ := report.Result("blob-two-step"); two.Status != StatusError {
		t.Errorf("blob-two-step: %s %q", two.Status, two.Detail)
	}
}

func TestMounts(t *testing.T) {
	const own, sibling = "/v2/team/app/blobs/", "/v2/team/app-manifest-tool-test/blobs/"
	assertOneChanged(t, SectionMounts, []changedCase{
		{"refused with 202", changed{path: own, query: "from=team%2Fapp-manifest-tool-test&", instead: responding(202, "Location", own+"uploads/1")}, "mount", StatusSkip, "202"},
		{"refused with 401", changed{path: own, query: "from=team%2Fapp-manifest-tool-test&", instead: responding(401)}, "mount", StatusSkip, "401"},
		{"mounted but missing", changed{method: "HEAD", path: own, instead: responding(404)}, "mount", StatusFail, "answered 201, and the response to HEAD is 404"},
		{"anonymous refused", changed{path: sibling, query: "mount=", instead: responding(400)}, "mount-anonymous", StatusSkip, "400"},
		{"anonymous fails", changed{path: sibling, query: "mount=", instead: responding(500)}, "mount-anonymous", StatusFail, "500"},
		{"anonymous but missing", changed{method: "HEAD", path: sibling, instead: responding(404)}, "mount-anonymous", StatusFail, "404"},
		{"unknown repository is 201", changed{query: "-none", instead: responding(201)}, "mount-unknown-repository", StatusFail, "201"},
		{"unknown repository is 404", changed{query: "-none", instead: responding(404)}, "mount-unknown-repository", StatusSkip, "404"},
		{"no sibling", changed{path: sibling, instead: responding(404)}, "mount", StatusError, "in the repository team/app-manifest-tool-test: opening an upload"},
	})
}
