package probe

import (
	"net/http"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

func TestIndexFaults(t *testing.T) {
	created := when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Set("Content-Type", ocispec.MediaTypeImageManifest) // children are not checked then
		next.ServeHTTP(w, r)
	})
	restored := when("/manifests/", "GET", change(func(r *http.Request, h http.Header, body []byte) []byte {
		h.Set("Content-Type", r.Header.Get("Accept"))
		return body
	}))
	testFaults(t, map[string]faultCase{
		"indexes are refused": {
			refuse(http.StatusBadRequest, ocispec.MediaTypeImageIndex), map[string]Status{
				"index-oci": StatusFail, "index-docker-children": StatusSkip, "index-nested": StatusError, "index-empty": StatusFail,
				"index-no-media-type": StatusFail, "index-child-size": StatusPass,
			}, nil,
		},
		"Docker lists are refused":       {refuse(http.StatusUnsupportedMediaType, manifest.MediaTypeDockerList), map[string]Status{"index-docker-list": StatusSkip}, nil},
		"Docker types are refused":       {refuse(http.StatusUnsupportedMediaType, manifest.MediaTypeDockerImage), map[string]Status{"index-docker-list": StatusSkip, "index-docker-children": StatusSkip}, nil},
		"Docker types get no response":   {refuse(http.StatusServiceUnavailable, manifest.MediaTypeDockerImage), map[string]Status{"index-docker-list": StatusError, "index-docker-children": StatusError, "index-sparse-list": StatusError}, nil},
		"a sparse index is an error":     {refuse(http.StatusInternalServerError, "sparse-index"), map[string]Status{"index-sparse": StatusFail}, map[string]string{"sparse-index": ""}},
		"nested indexes are refused":     {refuse(http.StatusBadRequest, "index-nested"), map[string]Status{"index-nested": StatusSkip}, nil},
		"empty indexes are refused":      {refuse(http.StatusBadRequest, `"manifests":[]`), map[string]Status{"index-empty": StatusFail}, nil},
		"mediaType is required":          {refuse(http.StatusBadRequest, "index-no-media-type"), map[string]Status{"index-no-media-type": StatusFail}, nil},
		"sizes of children are compared": {refuse(http.StatusBadRequest, "index-child-size"), map[string]Status{"index-child-size": StatusPass}, map[string]string{"child-size": "compared"}},
		"children are not checked": {
			func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				created(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { restored(w, r, next) }))
			},
			map[string]Status{"index-sparse": StatusPass, "index-sparse-list": StatusPass},
			map[string]string{"sparse-index": "accepted", "sparse-list": "accepted"},
		},
		"an index gets another media type": {otherType(ocispec.MediaTypeImageIndex, "application/json"), map[string]Status{
			"index-oci": StatusFail, "index-docker-children": StatusFail, "index-nested": StatusFail, "index-empty": StatusFail, "index-no-media-type": StatusFail,
		}, nil},
	}, SectionIndexes)
}
