package probe

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// relinked returns an edit of the target of a Link.
func relinked(edit func(string) string) func(*httptest.ResponseRecorder) {
	return func(rec *httptest.ResponseRecorder) {
		if target, found := strings.CutSuffix(strings.TrimPrefix(rec.Header().Get("Link"), "<"), `>; rel="next"`); found {
			rec.Header().Set("Link", "<"+edit(target)+`>; rel="next"`)
		}
	}
}

func TestListing(t *testing.T) {
	const list, n, sibling = "/tags/list", "n=", "app-manifest-tool-test/tags/list"
	nullTags := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"tags":null}`)) }
	prefixed := func(prefix string) func(*httptest.ResponseRecorder) {
		return relinked(func(target string) string { return prefix + target })
	}
	assertOneChanged(t, SectionListing, []changedCase{
		{"no list", changed{path: "app" + list, withoutQuery: true, edit: body("<html>")}, "tags-list", StatusFail, "not the JSON"},
		{"tags lost", changed{path: "app" + list, withoutQuery: true, edit: body(`{"tags":[]}`)}, "tags-list", StatusFail, "0 of the 3"},
		{"server error", changed{path: "app" + list, withoutQuery: true, instead: responding(500)}, "tags-list", StatusFail, "500"},
		{"n ignored", changed{path: list, query: "n=2", request: func(r *http.Request) { r.URL.RawQuery = "" }}, "tags-page", StatusFail, "n is ignored"},
		{"cut without Link", changed{path: list, query: "n=2", edit: header("Link", "")}, "tags-page", StatusSkip, "without a Link"},
		{"too few without Link", changed{path: list, query: "n=2", edit: func(rec *httptest.ResponseRecorder) {
			header("Link", "")(rec)
			body(`{"tags":["a"]}`)(rec)
		}}, "tags-page", StatusFail, "has 1 tags and no Link"},
		{"broken Link", changed{path: list, query: "n=2", edit: header("Link", "/next; rel=next")}, "tags-link", StatusFail, "malformed"},
		{"Link to the same page", changed{path: list, query: "n=2", edit: relinked(func(string) string { return "?n=2" })}, "tags-page", StatusFail, "repeats a tag"},
		{"Link without last", changed{path: list, query: "n=2", edit: header("Link", `</v2/team/app/tags/list?n=1>; rel="first"`)}, "tags-link", StatusFail, "no relation next"},
		{"no Link at all", changed{path: list, query: "n=2", edit: header("Link", "")}, "tags-link", StatusSkip, "no Link"},
		{"Link to another host", changed{path: list, query: n, edit: prefixed("http://internal:5000")}, "tags-link", StatusFail, "at another host, internal:5000"},
		{"Link to another path", changed{path: list, query: n, edit: prefixed("/proxied")}, "tags-link", StatusFail, "at another path, /proxied/v2/"},
		{"last ignored", changed{path: list, query: "n=1&last=", request: func(r *http.Request) { r.URL.RawQuery = "" }}, "tags-last", StatusFail, "last is ignored"},
		{"nothing after last", changed{path: list, query: "n=1", edit: func(rec *httptest.ResponseRecorder) {
			if rec.Header().Get("Link") != "" && !strings.Contains(rec.Header().Get("Link"), "list-1") {
				body(`{"tags":[]}`)(rec)
			}
		}}, "tags-last", StatusFail, "empty"},
		{"unknown repository hidden", changed{path: "-none/tags/list", instead: responding(403)}, "tags-unknown-repository", StatusSkip, "403"},
		{"unknown repository listed", changed{path: "-none/tags/list", instead: responding(200)}, "tags-unknown-repository", StatusSkip, "200"},
		{"unknown repository fails", changed{path: "-none/tags/list", instead: responding(500)}, "tags-unknown-repository", StatusFail, "500"},
		{"null", changed{path: sibling, instead: nullTags}, "tags-empty", StatusPass, "null"},
		{"no empty repository", changed{path: sibling, instead: responding(404)}, "tags-empty", StatusSkip, "404"},
		{"page for an empty repository", changed{path: sibling, instead: responding(200)}, "tags-empty", StatusFail, "not the JSON"},
		{"error for an empty repository", changed{path: sibling, instead: responding(500)}, "tags-empty", StatusFail, "500"},
		{"no catalog", changed{path: "_catalog", instead: responding(404)}, "catalog", StatusSkip, "404"},
		{"catalog is a page", changed{path: "_catalog", edit: body("<html>")}, "catalog", StatusSkip, "not a list"},
	})
}

// A registry after a proxy that ends TLS often writes http.
func TestLinkWithAnotherScheme(t *testing.T) {
	var host string
	server := httptest.NewTLSServer(changed{path: "/tags/list", edit: relinked(func(target string) string { return "http://" + host + target })}.over(probetest.NewRegistry()))
	t.Cleanup(server.Close)
	host = strings.TrimPrefix(server.URL, "https://")
	report := probeHost(t, host, transport.Options{Base: server.Client().Transport}, SectionListing)
	got, _ := report.Result("tags-link")
	if got.Status != StatusFail || got.Facts["link"] != "other scheme" {
		t.Errorf("tags-link: %s %q", got.Status, got.Detail)
	}
	if page, _ := report.Result("tags-page"); page.Status != StatusPass {
		t.Errorf("tags-page: %s %q", page.Status, page.Detail)
	}
}

func TestTagsOutOfOrder(t *testing.T) {
	reversed := func(rec *httptest.ResponseRecorder) {
		var list tagList
		if err := json.Unmarshal(rec.Body.Bytes(), &list); err != nil {
			t.Error(err)
		}
		slices.Reverse(list.Tags)
		body(string(encode(list)))(rec)
	}
	assertOneChanged(t, SectionListing, []changedCase{
		{"reversed", changed{path: "app/tags/list", withoutQuery: true, edit: reversed}, "tags-list", StatusFail, "not in lexical order"},
	})
}
