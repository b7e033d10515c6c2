//go:build e2e

package faults

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// sparseConfig lets a registry of distribution v3 take an index whose images
// it does not have. Version 2 takes none.
const sparseConfig = "validation:\n  manifests:\n    indexes:\n      platforms: none\n"

// TestFault66ASparseIndexAndARealRegistry has one child never reach a registry
// that looks for the children of an index, and one that does not: the first
// refuses the index, which is told with the platform's name; the second may
// have it so.
func TestFault66ASparseIndexAndARealRegistry(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "sparse")
	lost := images[1].Image.Digest().String()
	for name, takes := range map[string]bool{"as it comes": false, "told to take it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			section := ""
			if takes {
				wantVersion3(t)
				section = sparseConfig
			}
			source := registrytest.StartOpen(t)
			source.PutImages(t, "src", images)
			plain := func(*http.Request) {}
			target := &registrytest.Registry{Host: registrytest.Launch(t, "", section), Scheme: "http", Client: &http.Client{}, Authorize: plain}
			front, seen := target.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
				isLost := r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/"+lost)
				if isLost {
					_, _ = io.Copy(io.Discard, r.Body)
					w.Header().Set("Docker-Content-Digest", lost)
					w.WriteHeader(http.StatusCreated)
				}
				return isLost
			})
			done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", images.Spec(front.Host+"/app:1", source.Host+"/src:%s")))
			times := len(seen.Matching(func(r registrytest.Request) bool { return r.Method == http.MethodPut && r.Ref == lost }))
			if takes {
				if tag, _ := target.Manifest(t, "app", "1"); tag.Digest != done.PushedDigest(t) || times != 1 {
					t.Errorf("the tag names %s, the child was put %d times", tag.Digest, times)
				}
				return
			}
			done.WantCode(t, 1)
			if !strings.Contains(done.Stderr, "linux/arm64/v8 ("+lost+")") || strings.Contains(done.Stderr, "linux/amd64") || times != 2 {
				t.Errorf("the child was put %d times\n%s", times, done.Stderr)
			}
			target.WantAbsent(t, "app", "1")
		})
	}
}

// wantVersion3 skips the test for a registry of version 2.
func wantVersion3(t *testing.T) {
	t.Helper()
	if !registrytest.IsVersion3(t) {
		t.Skip("this registry takes no sparse index, make test-v3 has one that does")
	}
}
