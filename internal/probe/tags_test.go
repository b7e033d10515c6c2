package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
)

// late is a registry that returns some manifest only at the nth request.
func late(part string, n int32) fault {
	var seen atomic.Int32
	return when(part, "GET HEAD", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if seen.Add(1) < n {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// putHeader sets a header of the response to a PUT of a manifest; "" removes it.
func putHeader(part, name, value string) fault {
	return when("/manifests/"+part, "PUT", change(func(_ *http.Request, h http.Header, body []byte) []byte {
		h.Del(name)
		if value != "" {
			h.Set(name, value)
		}
		return body
	}))
}

// compared is a registry that compares a digest with the manifest.
var compared = when("/manifests/sha256:", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	got := httptest.NewRecorder()
	next.ServeHTTP(got, r)
	if !strings.HasSuffix(r.URL.Path, got.Header().Get("Docker-Content-Digest")) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(got.Code)
})

// tagParams is a registry that sets the tags in the query, and lists the first n.
func tagParams(n int) fault {
	return when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		tags := r.URL.Query()["tag"]
		repeated := strings.Contains(r.URL.Path, "sha256:") && len(tags) > 0
		if !repeated {
			next.ServeHTTP(w, r)
			return
		}
		var raw [1 << 12]byte
		size, _ := r.Body.Read(raw[:])
		for i, tag := range tags {
			put := httptest.NewRequest(http.MethodPut, "/v2/team/app/manifests/"+tag, strings.NewReader(string(raw[:size])))
			put.Header = r.Header
			next.ServeHTTP(httptest.NewRecorder(), put)
			if i < n {
				w.Header().Add("OCI-Tag", tag)
			}
		}
		w.WriteHeader(http.StatusCreated)
	})
}

func TestTagFaults(t *testing.T) {
	testFaults(t, map[string]faultCase{
		"a tag is readable late":  {late("-tag", 3), map[string]Status{"tag-push": StatusPass}, nil},
		"a tag is never readable": {when("-tag", "GET", respond(http.StatusNotFound)), map[string]Status{"tag-push": StatusFail}, nil},
		"a tag is refused": {when("-tag", "PUT", respond(http.StatusBadRequest)), map[string]Status{
			"tag-push": StatusFail, "tag-put-digest": StatusError, "tag-location": StatusError, "tag-by-digest": StatusError,
			"tag-several": StatusError, "tag-overwrite": StatusError, "tag-params": StatusError, "tag-wrong-digest": StatusError,
		}, nil},
		"PUT has another digest": {
			putHeader("manifest-tool", "Docker-Content-Digest", digest.FromString("x").String()),
			map[string]Status{"tag-put-digest": StatusFail},
			map[string]string{"put-digest": "wrong"},
		},
		"PUT has no digest": {
			putHeader("manifest-tool", "Docker-Content-Digest", ""),
			map[string]Status{"tag-put-digest": StatusSkip},
			map[string]string{"put-digest": "missing"},
		},
		"PUT has a path": {
			putHeader("manifest-tool", "Location", "/v2/team/app/manifests/x"),
			map[string]Status{"tag-location": StatusPass},
			map[string]string{"manifest-location": "same host"},
		},
		"PUT has another scheme": {
			func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				putHeader("manifest-tool", "Location", "https://"+r.Host+"/v2/team/app/manifests/x")(w, r, next)
			}, map[string]Status{"tag-location": StatusPass}, map[string]string{"manifest-location": "other scheme"},
		},
		"PUT has another host": {
			putHeader("manifest-tool", "Location", "http://localhost:1/x"),
			map[string]Status{"tag-location": StatusPass},
			map[string]string{"manifest-location": "other host"},
		},
		"an index is found only by its tag": {when("/manifests/sha256:", "GET", respond(http.StatusNotFound)), map[string]Status{"tag-by-digest": StatusFail}, nil},
		"a second tag is refused": {when("-second", "PUT", respond(http.StatusConflict)), map[string]Status{
			"tag-several": StatusFail, "tag-overwrite": StatusError,
		}, nil},
		"tags cannot be moved":       {immutable(), map[string]Status{"tag-overwrite": StatusSkip}, nil},
		"a tag keeps its old index":  {ignored(), map[string]Status{"tag-overwrite": StatusFail}, nil},
		"the query sets tags":        {tagParams(2), map[string]Status{"tag-params": StatusPass}, map[string]string{"tag-params": "yes"}},
		"tags are set, not listed":   {tagParams(1), map[string]Status{"tag-params": StatusFail}, map[string]string{"tag-params": "no"}},
		"tags are listed, not set":   {putHeader("sha256:", "OCI-Tag", "x"), map[string]Status{"tag-params": StatusFail}, nil},
		"a query is refused":         {refuseQuery, map[string]Status{"tag-params": StatusSkip}, map[string]string{"tag-params": "refused"}},
		"an unknown tag is an error": {when("-unknown", "GET", respond(http.StatusInternalServerError)), map[string]Status{"tag-unknown": StatusFail}, nil},
		"a page for an unknown tag":  {when("-unknown", "GET", respond(http.StatusOK)), map[string]Status{"tag-unknown": StatusFail}, nil},
		"a digest is compared":       {compared, map[string]Status{"tag-wrong-digest": StatusPass}, nil},
	}, SectionTags)
}

// refuseQuery refuses a PUT with a query.
func refuseQuery(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method == http.MethodPut && r.URL.Query().Has("tag") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	next.ServeHTTP(w, r)
}

// immutable refuses the second PUT of a tag.
func immutable() fault { return secondPut(http.StatusConflict) }

// ignored accepts the second PUT of a tag and does nothing.
func ignored() fault { return secondPut(http.StatusCreated) }

func secondPut(status int) fault {
	var seen atomic.Int32
	return when("-second", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if seen.Add(1) > 1 {
			w.WriteHeader(status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// TestReadBackDelay: the time is measured, and the registry is asked again in between.
func TestReadBackDelay(t *testing.T) {
	report := probeFaulty(t, late("-tag", 3), SectionTags)
	one, _ := report.Result("tag-push")
	if one.Facts["tag-delay-ms"] < "1" || len(one.Exchanges) < 4 {
		t.Errorf("delay %q, %d exchanges: %s", one.Facts["tag-delay-ms"], len(one.Exchanges), one.Detail)
	}
	report = probeFaulty(t, late("/blobs/sha256:", 2), SectionBlobs)
	if one, _ = report.Result("blob-read-back"); one.Status != StatusPass || one.Facts["blob-delay-ms"] == "0" {
		t.Errorf("blob: %s: %s", one.Status, one.Detail)
	}
	report = probeFaulty(t, late("/blobs/sha256:", 100), SectionBlobs)
	if one, _ = report.Result("blob-read-back"); one.Status != StatusFail {
		t.Errorf("blob: %s: %s", one.Status, one.Detail)
	}
}

// TestTagParamsAreDeleted: tags that a registry set through the query are deleted,
// and tags that it did not set are not requested.
func TestTagParamsAreDeleted(t *testing.T) {
	for name, f := range map[string]fault{"set": tagParams(2), "ignored": none} {
		var deleted []string
		probeFaulty(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "-param-") {
				deleted = append(deleted, r.URL.Path)
			}
			f(w, r, next)
		}, SectionTags)
		if want := map[string]int{"set": 2, "ignored": 0}[name]; len(deleted) != want {
			t.Errorf("%s: deleted %q", name, deleted)
		}
	}
}
