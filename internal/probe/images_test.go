package probe

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

// reencoded is a registry that stores a manifest as its JSON parser sees it.
var reencoded = when("/manifests/", "GET", change(func(_ *http.Request, h http.Header, body []byte) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, body); err != nil {
		return body
	}
	h.Del("Content-Length")
	return out.Bytes()
}))

// otherType responds to GET with another media type.
func otherType(from, to string) fault {
	return when("/manifests/", "GET", change(func(_ *http.Request, h http.Header, body []byte) []byte {
		if h.Get("Content-Type") == from && bytes.Contains(body, []byte(`"config"`)) == (from != ocispec.MediaTypeImageIndex) {
			h.Set("Content-Type", to)
		}
		return body
	}))
}

func TestImageFaults(t *testing.T) {
	testFaults(t, map[string]faultCase{
		"blobs are refused": {when("/blobs/", "POST", respond(http.StatusForbidden)), map[string]Status{
			"image-oci": StatusError, "image-docker": StatusError, "image-artifact": StatusError, "image-bytes": StatusError, "image-sha512": StatusError,
		}, nil},
		"Docker images are refused": {
			refuse(http.StatusUnsupportedMediaType, manifest.MediaTypeDockerImage),
			map[string]Status{"image-docker": StatusSkip},
			map[string]string{"put": "415 Unsupported Media Type"},
		},
		"Docker images have another type": {otherType(manifest.MediaTypeDockerImage, "text/plain"), map[string]Status{"image-docker": StatusFail}, nil},
		"an error of the server":          {refuse(http.StatusInternalServerError, manifest.MediaTypeDockerImage), map[string]Status{"image-docker": StatusFail}, nil},
		"a server under maintenance":      {refuse(http.StatusServiceUnavailable, manifest.MediaTypeDockerImage), map[string]Status{"image-docker": StatusError}, nil},
		"an artifact is queued":           {refuse(http.StatusAccepted, artifactType), map[string]Status{"image-artifact": StatusFail}, nil},
		"artifacts are refused":           {refuse(http.StatusBadRequest, artifactType), map[string]Status{"image-artifact": StatusSkip}, nil},
		"unknown fields are refused":      {refuse(http.StatusBadRequest, "org.example.unknown"), map[string]Status{"image-bytes": StatusFail}, nil},
		"manifests are encoded again":     {reencoded, map[string]Status{"image-bytes": StatusFail}, nil},
		"SHA-512 is unknown":              {when("/manifests/sha512:", "PUT", respond(http.StatusBadRequest)), map[string]Status{"image-sha512": StatusSkip}, nil},
		"SHA-512 is accepted and lost":    {when("/manifests/sha512:", "GET", respond(http.StatusNotFound)), map[string]Status{"image-sha512": StatusFail}, nil},
	}, SectionImages)
}

// TestSharedBlobStays: a blob that was there before the run is not deleted.
func TestSharedBlobStays(t *testing.T) {
	for status, deleted := range map[int]bool{http.StatusOK: false, http.StatusNotFound: true} {
		var got bool
		empty := "/blobs/" + ocispec.DescriptorEmptyJSON.Digest.String()
		report := probeFaulty(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			got = got || r.Method == http.MethodDelete && bytes.HasSuffix([]byte(r.URL.Path), []byte(empty))
			when(empty, "HEAD", respond(status))(w, r, next)
		}, SectionImages)
		if one, _ := report.Result("image-artifact"); one.Status != StatusPass || got != deleted {
			t.Errorf("HEAD %d: %s, deleted %v", status, one.Status, got)
		}
	}
}
