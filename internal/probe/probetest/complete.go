package probetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	godigest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// complete is a Registry with what the specifications permit it to omit: it compares
// digests, has ETags and a rate limit, sets tags of a query, and filters referrers.
type complete struct{ registry *Registry }

// Complete returns an empty registry that passes almost all checks of test-registry.
func Complete() http.Handler { return complete{NewRegistry()} }

func (c complete) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isManifest := strings.Contains(r.URL.Path, "/manifests/")
	switch {
	case isManifest && r.Method == http.MethodPut:
		c.put(w, r)
	case isManifest && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		c.get(w, r)
	case strings.Contains(r.URL.Path, "/referrers/"):
		c.referrers(w, r)
	default:
		c.registry.ServeHTTP(w, r)
	}
}

// record passes a request on.
func (c complete) record(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	c.registry.ServeHTTP(rec, r)
	return rec
}

func etag(rec *httptest.ResponseRecorder) string {
	return `"` + rec.Header().Get("Docker-Content-Digest") + `"`
}

func (c complete) get(w http.ResponseWriter, r *http.Request) {
	rec := c.record(r)
	if rec.Code == http.StatusOK {
		rec.Header().Set("ETag", etag(rec))
		rec.Header().Set("RateLimit-Limit", "100;w=21600")
		rec.Header().Set("RateLimit-Remaining", "99;w=21600")
	}
	if wanted := r.Header.Get("If-None-Match"); wanted != "" && wanted == rec.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	Respond(w, rec)
}

func (c complete) put(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	dir, name, _ := strings.Cut(r.URL.Path, "/manifests/")
	if d, err := godigest.Parse(name); err == nil && d.Algorithm().FromBytes(raw) != d {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if wanted := r.Header.Get("If-Match"); wanted != "" && wanted != etag(Send(c.registry, http.MethodHead, r.URL.Path)) {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	var rec *httptest.ResponseRecorder
	tags := r.URL.Query()["tag"]
	for _, one := range append(tags, name) {
		r.URL.Path, r.Body = dir+"/manifests/"+one, io.NopCloser(bytes.NewReader(raw))
		if rec = c.record(r); rec.Code != http.StatusCreated {
			break
		}
		rec.Header()["Oci-Tag"] = tags
		rec.Header().Set("Location", r.URL.Path)
	}
	var m ocispec.Manifest
	if json.Unmarshal(raw, &m) == nil && m.Subject != nil {
		rec.Header().Set("OCI-Subject", m.Subject.Digest.String())
	}
	Respond(w, rec)
}

// referrers adds to the list of ggcr what it lacks.
func (c complete) referrers(w http.ResponseWriter, r *http.Request) {
	rec := c.record(r)
	dir, _, _ := strings.Cut(r.URL.Path, "/referrers/")
	var list ocispec.Index
	if json.Unmarshal(rec.Body.Bytes(), &list) != nil {
		Respond(w, rec)
		return
	}
	for i := range list.Manifests {
		one := &list.Manifests[i]
		var m ocispec.Manifest
		_ = json.Unmarshal(Send(c.registry, http.MethodGet, dir+"/manifests/"+one.Digest.String()).Body.Bytes(), &m)
		one.ArtifactType, one.Annotations = m.ArtifactType, m.Annotations
	}
	if only := r.URL.Query().Get("artifactType"); only != "" {
		rec.Header().Set("OCI-Filters-Applied", "artifactType")
		list.Manifests = slices.DeleteFunc(list.Manifests, func(d ocispec.Descriptor) bool { return d.ArtifactType != only })
	}
	rec.Body.Reset()
	_ = json.NewEncoder(rec.Body).Encode(list)
	rec.Header().Del("Content-Length")
	Respond(w, rec)
}
