package store

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzLocation checks that an upload continues over https or http and nothing
// else, never in clear where the registry is on https, that no name and
// password travel in the address, and that a refusal repeats no query.
func FuzzLocation(f *testing.F) {
	for _, seed := range []string{
		"", "/v2/a/blobs/uploads/1?_state=c4nary-state", "v2/x", "?_state=c4nary-state", "//evil.example/x", "https://storage.example/x?sig=c4nary-state",
		"http://storage.example/x?sig=c4nary-state", "HTTP://storage.example/", "ftp://storage.example/x?sig=c4nary-state", "file:///etc/passwd",
		"https:x?sig=c4nary-state", "https://", "https:///x", "https://alice:c4nary-state@storage.example/", "javascript:alert(1)", "https://[::1/x?sig=c4nary-state",
		"/x%zz?sig=c4nary-state", "/\x7f?sig=c4nary-state", "https://storage.example:x/?sig=c4nary-state", "../../../x", "#", "https://a b/?c4nary-state",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, header string, secure bool) {
		at := &url.URL{Scheme: "http", Host: "registry.example", Path: "/v2/a/blobs/uploads/"}
		if secure {
			at.Scheme = "https"
		}
		resp := &http.Response{StatusCode: http.StatusAccepted, Header: http.Header{"Location": {header}}, Request: &http.Request{URL: at}}
		u, err := location(resp)
		if err != nil {
			if strings.Contains(header, "?") && !strings.Contains(header[:strings.Index(header, "?")], "c4nary-state") && strings.Contains(err.Error(), "c4nary-state") {
				t.Fatalf("%q: %v repeats its query", header, err)
			}
			return
		}
		switch {
		case u.Scheme != "https" && u.Scheme != "http", secure && u.Scheme != "https":
			t.Fatalf("from %s to %s", at, u)
		case u.Host == "" || u.User != nil || u.Opaque != "":
			t.Fatalf("%q leads to %s", header, u)
		}
	})
}
