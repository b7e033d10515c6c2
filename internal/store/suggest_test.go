package store

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// TestAMisreadReferenceHasAWayOut is about spellings that are references, too:
// of images of Docker Hub that were never published.
func TestAMisreadReferenceHasAWayOut(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, transport.Options{Base: oneHost{t, func(*http.Request) (*http.Response, error) {
		return plain(http.StatusNotFound, "", ""), nil
	}}})
	for typed, want := range map[string]string{
		"oci:dir": "an OCI layout is written oci-layout://dir", "docker-archive:a.tar": "a Docker archive is written docker-archive://a.tar", "dir:x": "skopeo's dir: directories",
		"docker:dind": "check the name and the tag: manifest-tool tags docker.io/library/docker ", "alpine:3": "check the name and the tag",
		"docker.io/library/oci:dir": "check the name and the tag", "registry.example/oci:dir": "check the name and the tag: manifest-tool tags registry.example/oci ",
	} {
		ref, err := reference.Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Get(t.Context(), ref)
		_, headErr := s.Head(t.Context(), ref)
		for _, err := range []error{err, headErr} {
			hint := errtext.Hint(err)
			if !errors.Is(err, ErrNotFound) || !strings.HasPrefix(hint, want) {
				t.Errorf("%s: %v, hint %q, want %q", typed, err, hint, want)
			}
		}
	}
}
