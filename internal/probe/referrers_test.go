package probe

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// list changes the index in the responses of the referrers API.
func list(f func(r *http.Request, h http.Header, index *ocispec.Index)) fault {
	return when("/referrers/", "GET", change(func(r *http.Request, h http.Header, body []byte) []byte {
		var index ocispec.Index
		if json.Unmarshal(body, &index) != nil {
			return body
		}
		f(r, h, &index)
		h.Del("Content-Length")
		return encode(index)
	}))
}

// filtered is a registry that applies the filter to types that keeps accepts.
func filtered(keeps func(artifactType string) bool) fault {
	return list(func(r *http.Request, h http.Header, index *ocispec.Index) {
		if kind := r.URL.Query().Get("artifactType"); kind != "" {
			h.Set("OCI-Filters-Applied", "artifactType")
			if !keeps(kind) {
				index.Manifests = []ocispec.Descriptor{}
			}
		}
	})
}

func TestReferrerFaults(t *testing.T) {
	subjectHeader := func(value string) fault { return putHeader("sha256:", "OCI-Subject", value) }
	without := map[string]Status{
		"referrers-list": StatusSkip, "referrers-fields": StatusSkip, "referrers-header": StatusSkip, "referrers-filter": StatusSkip,
		"referrers-none": StatusSkip, "referrers-fallback": StatusPass,
	}
	fallbackRefused := map[string]Status{"referrers-fallback": StatusFail}
	for check, s := range without {
		if fallbackRefused[check] == "" {
			fallbackRefused[check] = s
		}
	}
	noAPI := when("/referrers/", "GET", respond(http.StatusNotFound))
	testFaults(t, map[string]faultCase{
		"there is no API":      {noAPI, without, map[string]string{"referrers-api": "no"}},
		"there is a web page":  {when("/referrers/", "GET", page), without, map[string]string{"referrers-api": "no"}},
		"there is no fallback": {both(noAPI, when("/manifests/sha256-", "PUT", respond(http.StatusBadRequest))), fallbackRefused, nil},
		"a subject is refused": {refuse(http.StatusBadRequest, `"subject"`), map[string]Status{
			"referrers-subject": StatusSkip, "referrers-list": StatusSkip, "referrers-fields": StatusSkip, "referrers-header": StatusSkip, "referrers-filter": StatusSkip, "referrers-none": StatusSkip, "referrers-fallback": StatusSkip,
		}, nil},
		"the list is empty": {list(func(_ *http.Request, _ http.Header, index *ocispec.Index) { index.Manifests = []ocispec.Descriptor{} }), map[string]Status{
			"referrers-list": StatusFail, "referrers-fields": StatusError,
		}, nil},
		"an entry has another size": {list(func(_ *http.Request, _ http.Header, index *ocispec.Index) {
			for i := range index.Manifests {
				index.Manifests[i].Size++
			}
		}), map[string]Status{"referrers-list": StatusFail}, nil},
		"artifactType is the config's": {none, map[string]Status{"referrers-fields": StatusFail}, nil},
		"a list is never empty": {list(func(_ *http.Request, _ http.Header, index *ocispec.Index) {
			if len(index.Manifests) == 0 {
				index.Manifests = append(index.Manifests, content{"x"}.missing(formatOCI))
			}
		}), map[string]Status{"referrers-none": StatusFail}, nil},
		"artifactType is right": {list(func(_ *http.Request, _ http.Header, index *ocispec.Index) {
			for i := range index.Manifests {
				index.Manifests[i].ArtifactType = artifactType
			}
		}), map[string]Status{"referrers-fields": StatusPass}, nil},
		"the list has another type": {list(func(_ *http.Request, h http.Header, _ *ocispec.Index) { h.Set("Content-Type", "application/json") }), map[string]Status{
			"referrers-list": StatusFail, "referrers-none": StatusFail,
		}, nil},
		"OCI-Subject is right":  {echoSubject, map[string]Status{"referrers-header": StatusPass}, map[string]string{"oci-subject": "yes"}},
		"OCI-Subject is wrong":  {subjectHeader(digest.FromString("x").String()), map[string]Status{"referrers-header": StatusFail}, map[string]string{"oci-subject": "wrong"}},
		"the filter works":      {filtered(func(kind string) bool { return kind == artifactType }), map[string]Status{"referrers-filter": StatusPass}, map[string]string{"referrers-filter": "yes"}},
		"the filter removes":    {filtered(func(string) bool { return false }), map[string]Status{"referrers-filter": StatusFail}, map[string]string{"referrers-filter": "wrong"}},
		"the filter keeps all":  {filtered(func(string) bool { return true }), map[string]Status{"referrers-filter": StatusFail}, map[string]string{"referrers-filter": "wrong"}},
		"unknown digest is 404": {unknownReferrers(http.StatusNotFound), map[string]Status{"referrers-none": StatusFail}, nil},
		"unknown digest is 500": {unknownReferrers(http.StatusInternalServerError), map[string]Status{"referrers-none": StatusFail}, nil},
		"unknown digest is 403": {unknownReferrers(http.StatusForbidden), map[string]Status{"referrers-none": StatusError}, nil},
	}, SectionReferrers)
}

// page is a web page for every path.
func page(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html>"))
}

// both applies two faults.
func both(one, other fault) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		one(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { other(w, r, next) }))
	}
}

// echoSubject reports the subject of a manifest, as a registry with the API does.
var echoSubject = when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	var m ocispec.Manifest
	if json.Unmarshal(read(r), &m) == nil && m.Subject != nil {
		w.Header().Set("OCI-Subject", m.Subject.Digest.String())
	}
	next.ServeHTTP(w, r)
})

// unknownReferrers responds with a status for a digest without referrers.
func unknownReferrers(status int) fault {
	return when("/referrers/", "GET", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		empty := false
		list(func(_ *http.Request, _ http.Header, index *ocispec.Index) { empty = len(index.Manifests) == 0 })(discard{}, r, next)
		if empty {
			w.WriteHeader(status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
